//! The number of an access code: checks whether a device takes it, and generates one.

use std::collections::BTreeSet;

use super::access_code::is_being_removed;
use super::code_rules::{NewCode, NumberRules};
use crate::error::ApiError;
use crate::fnv::fnv_1a;
use crate::ids::Id;
use crate::state::{Device, Record, ResourceType, Scope, has_mutation};

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
    new: &NewCode<'_>,
    except: Option<Id>,
) -> Result<(), ApiError> {
    let number = new.number;
    let lengths = lengths(scope.device(device)?);
    if !lengths.contains(&number.len()) {
        let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
        let message = format!(
            "The device takes codes of these lengths: {}",
            lengths.join(", ")
        );
        return Err(ApiError::invalid_parameter("code", &message));
    }
    if let Some(message) = NumberRules::of(scope.device(device)?).violation(number) {
        return Err(ApiError::invalid_parameter("code", &message));
    }
    let taken = code_on_device(scope, device, number).filter(|it| Some(it.id()) != except);
    match taken {
        None => Ok(()),
        Some(_) => Err(duplicate(new)),
    }
}

/// The error of a number that another code of the device has. The message is that of Seam's own
/// fake server.
fn duplicate(new: &NewCode<'_>) -> ApiError {
    let named = new.name.map(|it| format!(" named {it}"));
    let period = new.starts_at.zip(new.ends_at);
    let period = period.map(|(from, to)| format!(" for period {from}-{to}"));
    let message = format!(
        "Cannot set duplicate access code {}{}{}",
        new.number,
        named.unwrap_or_default(),
        period.unwrap_or_default()
    );
    ApiError::new(409, "duplicate_access_code", message)
}

/// Checks a number that a request chose, where the device leaves no choice.
pub(super) fn check_choice(
    scope: &Scope<'_>,
    device: Id,
    number: Option<&str>,
) -> Result<(), ApiError> {
    let Some(number) = number else {
        return Ok(());
    };
    let device = scope.device(device)?;
    let rules = NumberRules::of(device);
    let account = device.account();
    let is_known = || {
        let codes = scope.records(ResourceType::AccessCode).into_iter();
        let mut same = codes.filter(|it| it.text("code") == Some(number));
        same.any(|it| {
            let device = it.linked_id("device_id").map(|it| scope.any_device(it));
            device.is_some_and(|it| it.is_ok_and(|it| it.account() == account))
        })
    };
    let message = if rules.refuse_custom_numbers() {
        "The provider of the device chooses the code"
    } else if rules.require_known_number() && !is_known() {
        "The code must be one that the account has already"
    } else {
        return Ok(());
    };
    Err(ApiError::invalid_parameter("code", message))
}

/// Checks that the device can have one more code. Only visible codes count, because an error would
/// reveal others. Codes that are programmed later do not count yet.
pub(super) fn check_room(scope: &Scope<'_>, device: Id) -> Result<(), ApiError> {
    let object = scope.device(device)?.object();
    let max = object.get("properties");
    let max = max.and_then(|it| it.get("max_active_codes_supported")?.as_f64());
    let codes = scope.records_referencing(ResourceType::AccessCode, device);
    let there = codes
        .into_iter()
        .filter(|it| !is_being_removed(it) && !has_mutation(it.object(), "deferring_creation"));
    #[expect(clippy::cast_precision_loss, reason = "a device has few codes")]
    let there = there.count() as f64;
    match max {
        Some(max) if there >= max => Err(ApiError::new(
            400,
            "no_space_for_access_code_on_device",
            format!("The device has {max} access codes already, and supports no more"),
        )),
        _ => Ok(()),
    }
}

/// Returns the code with this number on a device, if the caller may see it.
pub(super) fn code_on_device<'s>(
    scope: &'s Scope<'_>,
    device: Id,
    number: &str,
) -> Option<&'s Record> {
    let codes = scope.records_referencing(ResourceType::AccessCode, device);
    let mut codes = codes.into_iter().filter(|it| !is_being_removed(it));
    codes.find(|it| it.text("code") == Some(number))
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
    let mut rules = Vec::new();
    for device in devices {
        rules.push(NumberRules::of(scope.device(*device)?));
    }
    let mut digits: Vec<char> = ('0'..='9').collect();
    digits.retain(|it| rules.iter().all(|rules| rules.digits().contains(it)));
    let is_free = |number: &String| {
        !taken.contains(number.as_str()) && rules.iter().all(|it| it.violation(number).is_none())
    };
    let mut random = Digits {
        digits,
        bits: seed(scope, devices),
    };
    let drawn = (0..DRAWS).map(|_| random.number(*length));
    if let Some(number) = drawn.into_iter().find(is_free) {
        return Ok(Some(number));
    }
    // One of these must be free, unless all numbers are taken or refused.
    let mut number = "0".repeat(*length);
    for _ in 0..=taken.len().max(DRAWS) {
        if is_free(&number) {
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

/// Returns the number of four digits that these bits give.
pub(super) fn of_bits(bits: u64) -> String {
    let digits = ('0'..='9').collect();
    Digits { digits, bits }.number(4)
}

/// How many numbers are drawn before they are tried in order.
const DRAWS: usize = 1_000;

/// Pseudorandom numbers of some digits.
struct Digits {
    digits: Vec<char>,
    bits: u64,
}

impl Digits {
    fn number(&mut self, length: usize) -> String {
        (0..length).map(|_| self.digit()).collect()
    }

    fn digit(&mut self) -> char {
        self.bits = self
            .bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let count = u64::try_from(self.digits.len()).unwrap_or(1).max(1);
        let index = usize::try_from((self.bits >> 33) % count).unwrap_or(0);
        self.digits.get(index).copied().unwrap_or('0')
    }
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
