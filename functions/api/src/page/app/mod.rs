//! The pages behind a sign-in.

pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod calendar_link;
pub(crate) mod checklist;
pub(crate) mod configuration;
pub(crate) mod home;
pub(crate) mod keys;
pub(crate) mod maintenance;
pub(crate) mod on_call;
pub(crate) mod open;
pub(crate) mod overrides;
pub(crate) mod people;
pub(crate) mod profile;
pub(crate) mod services;
pub(crate) mod sheet;
pub(crate) mod sign_in;
pub(crate) mod suppressed;
pub(crate) mod swaps;
pub(crate) mod teams;
mod windows;

use serde::Serialize;

use super::{Reader, code};
use crate::{
    asset,
    words::{self, AppLabels, Labels, PeopleLabels},
};

/// What every page of somebody who has signed in has in common.
#[derive(Serialize)]
pub(crate) struct Frame {
    lang: &'static str,
    style: &'static str,
    page_title: String,
    t: &'static Labels,
    a: &'static AppLabels,
    p: &'static PeopleLabels,
    /// The page of the navigation that this one is, or belongs to.
    here: &'static str,
    /// How whoever has signed in is called.
    name: String,
    /// What forms of their session carry.
    mark: String,
    zone: String,
}

impl Frame {
    /// Of a page that `here` names in the navigation.
    pub(crate) fn new(reader: &Reader, here: &'static str, page_title: String, mark: String) -> Self {
        let tongue = words::tongue(reader.language);
        Self {
            lang: code(reader.language),
            style: asset::STYLE.as_str(),
            page_title,
            t: tongue.labels(),
            a: tongue.app(),
            p: tongue.people(),
            here,
            name: reader.name(&reader.user),
            mark,
            zone: reader.clock().zone().to_owned(),
        }
    }
}
