//! The templates, and how a page becomes an answer.

use std::sync::LazyLock;

use axum::response::Html;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, value::Serde};
use serde::Serialize;

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates! { "layout.html" "shape.html" "incident.html" "bundle.html" "notice.html" "proof.html"
"app.html" "home.html" "on_call.html" "profile.html" "sign_in.html" "items.html" "open.html" "people.html" "person.html"
"checklist.html" "checklist_item.html" "calendar_link.html" "alerts.html" "call_in.html" "note.html"
"calendar.html" "who.html" "override.html" "choices.html" "swap.html" "swap_ask.html"
"maintenance.html" "sheet.html" "said.html" "button.html" };

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(template.name = name, error = %error, "a template can not be read");
        }
    }
    environment
});

/// The page that `name` and `context` make. The tests fill every template; should one fail all the same, the reader is told
/// that it is our fault.
pub(super) fn filled(name: &str, context: &impl Serialize) -> Html<String> {
    let filled = ENVIRONMENT.get_template(name).and_then(|template| template.render(Value::from(Serde(context))));
    Html(filled.unwrap_or_else(|error| {
        tracing::error!(template.name = name, error = %error, "a template failed");
        "<!doctype html><title>Hansho</title><p>This page can not be shown. Call whoever is on call with you.<p>このページを表示できません。".to_owned()
    }))
}
