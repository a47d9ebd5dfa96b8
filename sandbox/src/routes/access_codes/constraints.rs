//! `/access_codes/report_device_constraints`.

use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::routes::Call;
use crate::state::Scope;

/// Sets the constraints for codes that are created from now on (our choice).
pub(in crate::routes) fn report_device_constraints(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    scope.device(device)?;
    let lengths = lengths(call.params)?;
    scope.change_device(device, |object| {
        let properties = object.get_mut("properties");
        if let Some(properties) = properties.and_then(serde_json::Value::as_object_mut) {
            properties.insert("supported_code_lengths".to_owned(), lengths.into());
        }
    })?;
    Ok(Reply::new())
}

fn lengths(params: &Params) -> Result<Vec<u64>, ApiError> {
    let bound = |name| params.integer(name);
    let listed = params.members().get("supported_code_lengths");
    match (listed, bound("min_code_length"), bound("max_code_length")) {
        (Some(listed), None, None) => {
            let listed = listed.as_array().into_iter().flatten();
            let mut lengths: Vec<u64> = listed.filter_map(integer).collect();
            lengths.sort_unstable();
            lengths.dedup();
            Ok(lengths)
        }
        (None, Some(min), Some(max)) if min <= max => Ok((min..=max).collect()),
        (None, Some(_), Some(_)) => Err(ApiError::invalid_parameter(
            "min_code_length",
            "Must not be greater than max_code_length",
        )),
        _ => Err(ApiError::invalid(
            "Give supported_code_lengths, or both min_code_length and max_code_length",
        )),
    }
}

/// Returns an integer, which the schema has ensured; it may be written as `6.0`.
fn integer(value: &serde_json::Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is between 4 and 20"
    )]
    value.as_f64().map(|it| it as u64)
}
