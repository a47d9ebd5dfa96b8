//! `/devices/list_device_providers`.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::json::JsonObject;
use crate::picture;
use crate::provider::{self, Provider};
use crate::state::Scope;

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(super) fn list(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let providers = provider::of_category(call.params.text("provider_category"));
    let objects = providers.map(object).collect::<Value>();
    Ok(Reply::new().with("device_providers", &objects))
}

fn object(provider: &Provider) -> Value {
    let mut object = JsonObject::new();
    object.insert("device_provider_name".to_owned(), json!(provider.key));
    object.insert("display_name".to_owned(), json!(provider.name));
    object.insert("image_url".to_owned(), json!(picture::LOGO));
    object.insert("provider_categories".to_owned(), json!(provider.categories));
    let manufacturer = provider.device_type.map(provider::manufacturer);
    let simulations = manufacturer.into_iter().flat_map(provider::simulations);
    for flag in provider.flags.iter().copied().chain(simulations) {
        object.insert(flag.to_owned(), true.into());
    }
    Value::Object(object)
}
