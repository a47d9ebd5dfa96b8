//! The number of an access code: checks whether a device takes it, and generates one.

use std::collections::BTreeSet;

use crate::error::ApiError;
use crate::fnv::fnv_1a;
use crate::ids::Id;
use crate::state::{Device, Record, ResourceType, Scope};

/// The default for a lock that does not report its lengths.
const LENGTHS: [usize; 5] = [4, 5, 6, 7, 8];

/// Returns the lengths that a device supports, in ascending order.
fn lengths(device: &Device) -> Vec<usize> {
    let object = device.object();
    let supported = object
        .get("properties")
        .and_then(|it| it.get("supported_code_lengths"))
        .and_then(|it| it.as_array());
    let supported = supported.into_iter().flatten();
    let mut lengths: Vec<usize> = supported
        .filter_map(|it| usize::try_from(it.as_u64()?).ok())
        .collect();
    if lengths.is_empty() {
        lengths.extend(LENGTHS);
    }
    lengths.sort_unstable();
    lengths
}

/// Checks that a device takes this number, and that no visible code on it except `except` has the
/// number. A code that the caller may not see is ignored, because a conflict would reveal it.
pub(super) fn check(
    scope: &Scope<'_>,
    device: Id,
    number: &str,
    except: Option<Id>,
) -> Result<(), ApiError> {
    let lengths = lengths(scope.device(device)?);
    if !lengths.contains(&number.len()) {
        let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
        let message = format!(
            "The device takes codes of these lengths: {}",
            lengths.join(", ")
        );
        return Err(ApiError::invalid_parameter("code", &message));
    }
    let taken = code_on_device(scope, device, number).filter(|it| Some(it.id()) != except);
    match taken {
        None => Ok(()),
        Some(_) => Err(ApiError::new(
            409,
            "duplicate_access_code",
            "The device has an access code with this number already",
        )),
    }
}

/// Returns the code with this number on a device, if the caller may see it.
pub(super) fn code_on_device<'s>(
    scope: &'s Scope<'_>,
    device: Id,
    number: &str,
) -> Option<&'s Record> {
    let codes = scope.records_referencing(ResourceType::AccessCode, device);
    codes.into_iter().find(|it| it.text("code") == Some(number))
}

/// Returns a number that all these devices take: of the preferred length if all support it,
/// otherwise of the shortest common length. `None` if there is no common length. The number depends
/// only on the devices and the time, so nothing changes.
///
/// # Errors
///
/// 400 if visible codes have all numbers of the length.
pub(super) fn generate(
    scope: &Scope<'_>,
    devices: &[Id],
    preferred: Option<f64>,
) -> Result<Option<String>, ApiError> {
    let mut common: Option<Vec<usize>> = None;
    for device in devices {
        let supported = lengths(scope.device(*device)?);
        common = Some(match common {
            None => supported,
            Some(mut lengths) => {
                lengths.retain(|it| supported.contains(it));
                lengths
            }
        });
    }
    let lengths = common.unwrap_or_default();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a length of a code is a small number"
    )]
    let preferred = lengths.iter().find(|it| Some(**it as f64) == preferred);
    let Some(length) = preferred.or(lengths.first()) else {
        return Ok(None);
    };
    let codes = devices
        .iter()
        .flat_map(|it| scope.records_referencing(ResourceType::AccessCode, *it));
    let taken: BTreeSet<&str> = codes.filter_map(|it| it.text("code")).collect();
    let mut number = first(*length, seed(scope, devices));
    // One of these must be free, unless all numbers are taken.
    for _ in 0..=taken.len() {
        if !taken.contains(number.as_str()) {
            return Ok(Some(number));
        }
        number = next(&number);
    }
    Err(ApiError::new(
        400,
        "no_free_access_code",
        format!("Every number of {length} digits is taken"),
    ))
}

/// Returns a pseudorandom number of this length.
fn first(length: usize, mut bits: u64) -> String {
    let mut digit = || {
        bits = bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from((bits >> 33) % 10).unwrap_or(0))
    };
    (0..length).map(|_| digit()).collect()
}

/// Returns the next number of the same length; after the last comes the first.
fn next(number: &str) -> String {
    let nines = number.bytes().rev().take_while(|it| *it == b'9').count();
    let (before, _) = number.split_at(number.len() - nines);
    let mut next: Vec<char> = before.chars().collect();
    if let Some(last) = next.last_mut() {
        *last = char::from_digit(last.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or('0');
    }
    next.extend(std::iter::repeat_n('0', nines));
    next.into_iter().collect()
}

/// Returns a hash of the devices and the time.
pub(super) fn seed(scope: &Scope<'_>, devices: &[Id]) -> u64 {
    let devices = devices.iter().flat_map(|it| it.hex().into_bytes());
    fnv_1a(devices.chain(scope.now().to_le_bytes()))
}
