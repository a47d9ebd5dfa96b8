//! The things of a seed: accounts, webviews, and whatever names others by their names.

use serde_json::json;

use super::{Accounts, unknown};
use crate::ids::Id;
use crate::seed::{self, SeedAccount, SeedError, SeedThing};
use crate::state::noun::Noun;
use crate::state::thing::{Members, Thing, members};
use crate::state::{State, webview};
use crate::time::{self, Millis};

impl State {
    /// An account, and the webview through which it was authorised.
    pub(super) fn start_account(
        &mut self,
        seed: &SeedAccount,
        id: Id,
        webview: Id,
        now: Millis,
    ) -> Result<(), SeedError> {
        let mut account = seed::thing_object("connected_account", &seed.rest)?;
        account.insert("connected_account_id".to_owned(), id.to_string().into());
        account
            .entry("display_name")
            .or_insert_with(|| seed.name.clone().into());
        let hidden = members(json!({ "connect_webview_id": webview }));
        self.make(Noun::ConnectedAccount, account, hidden, None, now);
        let authorised = json!({
            "connect_webview_id": webview,
            "connected_account_id": id,
            "authorized_at": time::to_iso(now),
            "login_successful": true,
            "status": "authorized",
            "url": webview::url(webview),
        });
        let webview = seed::thing_object("connect_webview", &members(authorised))?;
        self.make(Noun::ConnectWebview, webview, Members::new(), None, now);
        Ok(())
    }

    /// Any other thing, its names resolved to ids.
    pub(super) fn start_thing(
        &mut self,
        noun: Noun,
        seed: &SeedThing,
        accounts: &Accounts,
        created_at: Millis,
    ) -> Result<(), SeedError> {
        let mut object = seed::thing_object(noun.model(&seed.rest), &seed.rest)?;
        let mut named = Members::new();
        if let Some(name) = &seed.device {
            named.insert("device_id".to_owned(), json!(self.named_device(name)?));
        }
        if let Some(key) = &seed.user_identity_key {
            let identity = self.identity_of_key(key)?;
            named.insert("user_identity_id".to_owned(), json!(identity));
        }
        if let Some(name) = &seed.acs_system {
            let system = self.named_thing(Noun::AcsSystem, name)?;
            let account = system.object().get("connected_account_id").cloned();
            named.insert("acs_system_id".to_owned(), json!(system.id()));
            named.extend(account.map(|it| ("connected_account_id".to_owned(), it)));
        } else if noun == Noun::AcsSystem {
            let name = seed.connected_account.as_deref();
            let named_account = name
                .map(|it| self.named_account(it, accounts))
                .transpose()?;
            let account = named_account.or(accounts.first);
            named.insert("connected_account_id".to_owned(), json!(account));
            named.insert("connected_account_ids".to_owned(), json!([account]));
        }
        if let Some(name) = &seed.acs_user {
            let user = self.named_thing(Noun::AcsUser, name)?;
            named.insert("acs_user_id".to_owned(), json!(user.id()));
            for name in ["acs_system_id", "connected_account_id", "user_identity_id"] {
                let value = user.object().get(name).cloned();
                named.extend(value.map(|it| (name.to_owned(), it)));
            }
        }
        if noun == Noun::AccessGrant {
            let starts_at = json!(time::to_iso(created_at));
            object.entry("starts_at").or_insert(starts_at);
        }
        object.extend(named);
        noun.check_references(&object)?;
        let devices = seed.devices.iter().map(|it| self.named_device(it));
        let hidden = members(json!({
            "device_ids": devices.collect::<Result<Vec<_>, _>>()?,
            "acs_entrance_ids": self.named_things(Noun::AcsEntrance, &seed.acs_entrances)?,
            "acs_user_ids": self.named_things(Noun::AcsUser, &seed.acs_users)?,
        }));
        let hidden = hidden.into_iter().filter(|(_, it)| *it != json!([]));
        let id = self.make(noun, object, hidden.collect(), None, created_at);
        if noun == Noun::ConnectWebview {
            let table = self.things.of_mut(noun);
            table.change(id, |it| {
                let url = webview::url(id).into();
                it.object.entry("url").or_insert(url);
            });
        }
        Ok(())
    }

    fn named_things(&self, noun: Noun, names: &[String]) -> Result<Vec<Id>, SeedError> {
        let found = names.iter().map(|it| self.named_thing(noun, it));
        found.map(|it| it.map(Thing::id)).collect()
    }

    fn named_thing(&self, noun: Noun, name: &str) -> Result<&Thing, SeedError> {
        let table = self.things.of(noun);
        let by_id = Id::parse(name).and_then(|it| table.get(it));
        let called = |it: &&Thing| [it.text("display_name"), it.text("name")].contains(&Some(name));
        by_id
            .or_else(|| table.in_order().find(called))
            .ok_or_else(|| unknown(noun.resource().name, name))
    }
}
