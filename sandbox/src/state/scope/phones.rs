//! Phones within scope.

use serde_json::json;

use super::Scope;
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::json_object;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;

impl Scope<'_> {
    /// Removes a phone that the caller may see. The sandbox does not keep to which phone a
    /// mobile key was issued: with the last phone of a user identity its mobile keys are revoked
    /// (our choice).
    pub(crate) fn deactivate_phone(&mut self, phone: Id) -> Result<(), ApiError> {
        let phone = self.remove(ResourceType::Phone, phone)?;
        let fields = json_object(json!({ "device_id": phone.id() }));
        self.record_event("phone.deactivated", fields, None);
        let Some(identity) = phone.linked_id("user_identity_id") else {
            return Ok(());
        };
        let phones = self.state.records.table(ResourceType::Phone);
        if phones.referencing(identity).next().is_none() {
            self.state.revoke_mobile_keys(identity, self.now);
        }
        Ok(())
    }
}

impl crate::state::State {
    fn revoke_mobile_keys(&mut self, identity: Id, now: crate::time::Millis) {
        let users = self.records.table(ResourceType::AcsUser);
        let users: Vec<Id> = users.referencing(identity).map(Record::id).collect();
        let credentials = self.records.table(ResourceType::AcsCredential);
        let keys = users.into_iter().flat_map(|it| credentials.referencing(it));
        let keys = keys.filter(|it| it.text("access_method") == Some("mobile_key"));
        for key in keys.map(Record::id).collect::<Vec<_>>() {
            let credentials = self.records.table_mut(ResourceType::AcsCredential);
            if let Some(key) = credentials.remove(key) {
                self.record_removal(ResourceType::AcsCredential, &key, now);
            }
        }
    }
}
