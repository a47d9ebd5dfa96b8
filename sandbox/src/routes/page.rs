//! Pages of a list. A cursor has a hash of the parameters and the key after which the next page
//! begins. It is not trusted: a page is always cut from what the caller may see now.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::fnv::fnv_1a;
use crate::ids::Id;
use crate::input::{Params, to_query};
use crate::json::JsonObject;
use crate::state::{Key, Row};

const CURSOR: &str = "page_cursor";

/// The requested page.
pub(super) struct Page {
    limit: usize,
    after: Option<Key>,
    fingerprint: u64,
}

impl Page {
    pub(super) fn requested(call: &Call<'_>) -> Result<Self, ApiError> {
        let fingerprint = fingerprint(call.params.members());
        let after = match call.params.text(CURSOR) {
            None => None,
            Some(cursor) => {
                let (made_for, after) = read(cursor)
                    .ok_or_else(|| ApiError::invalid_parameter(CURSOR, "Invalid page cursor"))?;
                if made_for != fingerprint {
                    return Err(ApiError::new(
                        400,
                        "mismatched_page_parameters",
                        "A page_cursor is valid only with the parameters that it was created for",
                    ));
                }
                Some(after)
            }
        };
        Ok(Self {
            limit: limit(call)?,
            after,
            fingerprint,
        })
    }

    /// Returns the rows of the page and the `pagination` object. `found` must be in order.
    pub(super) fn slice<'s, T: Row>(
        &self,
        call: &Call<'_>,
        mut found: Vec<&'s T>,
    ) -> (Vec<&'s T>, Value) {
        if let Some(after) = self.after {
            let begins = found.partition_point(|it| it.key() <= after);
            found.drain(..begins);
        }
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let cursor = found
            .last()
            .filter(|_| more)
            .map(|it| self.cursor(it.key()));
        let url = cursor.as_ref().map(|it| {
            let mut members = call.params.members().clone();
            members.insert(CURSOR.to_owned(), Value::from(it.as_str()));
            format!("{}{}?{}", call.endpoint, call.path, to_query(&members))
        });
        let pagination = json!({
            "next_page_cursor": cursor,
            "has_next_page": more,
            "next_page_url": url,
        });
        (found, pagination)
    }

    /// In lists with pages the position within the millisecond is always 0.
    fn cursor(&self, (created_at, _, id): Key) -> String {
        format!("{:016x}{created_at:016x}{}", self.fingerprint, id.hex())
    }
}

fn read(cursor: &str) -> Option<(u64, Key)> {
    let well_formed = cursor.len() == 64 && cursor.bytes().all(|it| it.is_ascii_hexdigit());
    if !well_formed {
        return None;
    }
    let number = |part: Option<&str>| u64::from_str_radix(part?, 16).ok();
    let created_at = number(cursor.get(16..32))?;
    let id = Id::from_hex(cursor.get(32..)?)?;
    Some((number(cursor.get(..16))?, (created_at, 0, id)))
}

/// Some limits have no documented bounds. A limit of 0, with which paging would never end, and a
/// fraction are errors (our choice).
pub(super) fn limit(call: &Call<'_>) -> Result<usize, ApiError> {
    if call.params.number("limit").is_some_and(|it| it <= 0.0) {
        return Err(ApiError::invalid_parameter(
            "limit",
            "Number must be greater than 0",
        ));
    }
    Ok(integer(call.params, "limit")?.unwrap_or(usize::MAX))
}

/// Returns an integer of at least 0, where the schema has no bounds.
pub(super) fn integer(params: &Params, name: &str) -> Result<Option<usize>, ApiError> {
    let Some(number) = params.number(name) else {
        return Ok(None);
    };
    if number.fract() != 0.0 {
        return Err(ApiError::invalid_parameter(
            name,
            "Expected integer, received float",
        ));
    }
    if number < 0.0 {
        return Err(ApiError::invalid_parameter(
            name,
            "Number must be greater than or equal to 0",
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an integer of at least 0; above usize the cast saturates, as it should"
    )]
    Ok(Some(number as usize))
}

/// Returns a hash of the parameters without the cursor. A cursor that was given for other
/// parameters has another hash.
fn fingerprint(params: &JsonObject) -> u64 {
    let mut others = params.clone();
    others.remove(CURSOR);
    fnv_1a(to_query(&others).into_bytes())
}
