//! A new version of the configuration: everything under a version that nobody else writes, and the pointer last.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnValue;
use hansho_domain::{Bundle, Configuration, Routes, UserId};

use super::{Contact, Current, Profile, readable};
use crate::{
    Store,
    error::StoreError,
    item::{self, With, item, n, number, s},
    keys,
};

impl Store {
    /// Makes `configuration` the one in force and says its version. Everything is written under a version that nobody else
    /// writes, and the version pointer last, so that a crash half-way and somebody else's apply leave nothing in force.
    /// Applying what is in force already changes nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer, or somebody else applies at the same time.
    pub async fn apply_configuration(
        &self,
        configuration: &Configuration,
        contacts: &BTreeMap<UserId, Contact>,
    ) -> Result<u64, StoreError> {
        let before = self.read_current().await?;
        for user in configuration.users() {
            let profile = Profile { user: user.clone(), contact: contacts.get(user.id()).cloned().unwrap_or_default() };
            let key = keys::user(user.id());
            self.put_item(item(&key).with("body", s(item::json(&key.pk, &profile)?))).await?;
        }
        let routes = configuration.routes();
        if self.is_in_force(configuration, &routes, before.version).await? {
            return Ok(before.version);
        }
        let version = self.reserve_version(before).await?;
        for bundle in configuration.bundles(version) {
            let key = keys::bundle(bundle.service.id(), version);
            self.put_item(item(&key).with("body", s(item::json(&key.pk, &bundle)?))).await?;
        }
        let key = keys::routes(version);
        self.put_item(item(&key).with("body", s(item::json(&key.pk, &routes)?))).await?;
        self.move_pointer(before, Current { version, ..before }).await?;
        Ok(version)
    }

    async fn is_in_force(&self, configuration: &Configuration, routes: &Routes, version: u64) -> Result<bool, StoreError> {
        for bundle in configuration.bundles(version) {
            // What can not be read is replaced.
            let known = readable(self.read_bundle(bundle.service.id(), version).await)?;
            if known.is_none_or(|known| Bundle { version, ..known } != bundle) {
                return Ok(false);
            }
        }
        Ok(readable(self.read_routes(version).await)?.as_ref() == Some(routes))
    }

    /// A version that no other apply has or gets, also when this one dies before it is in force.
    async fn reserve_version(&self, before: Current) -> Result<u64, StoreError> {
        let key = keys::configuration();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET reserved = if_not_exists(reserved, :before) + :one")
            .expression_attribute_values(":before", n(before.version))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew);
        let answer = self
            .retrying(&key.pk, || request.clone().send())
            .await
            .map_err(|error| StoreError::unavailable("reserve a version", &error))?;
        let reserved = answer.attributes.as_ref().and_then(|found| number(found, "reserved"));
        reserved.ok_or_else(|| StoreError::unreadable(key.pk, "it does not say which version is reserved"))
    }

    async fn move_pointer(&self, before: Current, after: Current) -> Result<(), StoreError> {
        let key = keys::configuration();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #version = :after, live = if_not_exists(live, :zero)")
            // Before the first configuration the item may be there without a version.
            .condition_expression("attribute_not_exists(#version) OR #version = :before")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":before", n(before.version))
            .expression_attribute_values(":after", n(after.version))
            .expression_attribute_values(":zero", n(0));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => {
                self.cached(|cache| cache.current = None);
                Ok(())
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Err(StoreError::Contention { key: key.pk })
            }
            Err(error) => Err(StoreError::unavailable("move the version pointer", &error)),
        }
    }
}
