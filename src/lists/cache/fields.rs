//! The fields of a record that the cache keeps.

use super::flags::Flags;
use super::hash::{EMPTY, Hash, ROOT, TRUE, string, within};
use super::query::Query;

/// The level below which a battery without a status is low. Seam documents no number.
const LOW_BATTERY: f64 = 0.25;

const fn member(path: u64, name: &str) -> u64 {
    within(path, Hash::of(name.as_bytes()))
}

const DEVICE_TYPE: u64 = member(ROOT, "device_type");
const DISPLAY_NAME: u64 = member(ROOT, "display_name");
const NAME: u64 = member(ROOT, "name");
const ERRORS: u64 = member(ROOT, "errors");
const PROPERTIES: u64 = member(ROOT, "properties");
const ONLINE: u64 = member(PROPERTIES, "online");
const BATTERY_LEVEL: u64 = member(PROPERTIES, "battery_level");
const BATTERY: u64 = member(PROPERTIES, "battery");
const LEVEL: u64 = member(BATTERY, "level");
const STATUS: u64 = member(BATTERY, "status");
// In `pagination` of a page.
const HAS_NEXT_PAGE: u64 = member(ROOT, "has_next_page");
const NEXT_PAGE_CURSOR: u64 = member(ROOT, "next_page_cursor");

/// What the parsing of all records shares.
pub(super) struct FieldPaths {
    /// The path of the id.
    pub(super) id: u64,
    pub(super) flags: Flags,
    /// The platform's parser of numbers.
    pub(super) number: fn(&[u8]) -> f64,
    /// The platform's `toLowerCase`.
    pub(super) lower: fn(&mut Vec<u8>),
}

impl FieldPaths {
    pub(super) const fn new(
        id_member: &[u8],
        number: fn(&[u8]) -> f64,
        lower: fn(&mut Vec<u8>),
    ) -> Self {
        Self {
            id: within(ROOT, Hash::of(id_member)),
            flags: Flags::new(),
            number,
            lower,
        }
    }
}

/// The fields of a value, recorded while it is parsed.
#[derive(Default)]
pub(super) struct DeviceFields {
    pub(super) id: Option<Vec<u8>>,
    pub(super) cursor: Option<Vec<u8>>,
    pub(super) has_next_page: bool,
    pub(super) device_type: u64,
    display_name: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    bits: u64,
    /// Whether the battery's `level` is low, `battery_level`, and its status.
    level: Option<bool>,
    battery_level: Option<bool>,
    status: Option<u64>,
}

impl DeviceFields {
    /// Discards the fields of the value at `path`, which begins: of two members with one name the
    /// last one counts.
    pub(super) fn reset(&mut self, path: u64) {
        if path == PROPERTIES {
            self.bits &= !Query::ONLINE;
            self.battery_level = None;
        }
        if path == PROPERTIES || path == BATTERY {
            (self.level, self.status) = (None, None);
        }
    }

    /// Records a parsed value. `first` is its first byte, which shows its type; `str_value` is its
    /// value if it is a string, and `number` if it is a number. `id` is the path of the id.
    pub(super) fn record(
        &mut self,
        path: u64,
        first: u8,
        semantic_hash: u64,
        str_value: &[u8],
        number: f64,
        id: u64,
    ) {
        let quoted = first == b'"';
        let low = (first == b'-' || first.is_ascii_digit()).then_some(number < LOW_BATTERY);
        let text = match path {
            DISPLAY_NAME => &mut self.display_name,
            NAME => &mut self.name,
            NEXT_PAGE_CURSOR => &mut self.cursor,
            _ if path == id => &mut self.id,
            DEVICE_TYPE => return self.device_type = semantic_hash,
            ERRORS => return self.set(Query::HAS_ERRORS, first == b'[' && semantic_hash != EMPTY),
            ONLINE => return self.set(Query::ONLINE, semantic_hash == TRUE),
            BATTERY_LEVEL => return self.battery_level = low,
            LEVEL => return self.level = low,
            STATUS => return self.status = Some(semantic_hash).filter(|_| quoted),
            HAS_NEXT_PAGE => return self.has_next_page = semantic_hash == TRUE,
            _ => return,
        };
        *text = quoted.then(|| str_value.to_vec());
    }

    /// Sets the bit if `is` is true, else clears it.
    pub(super) fn set(&mut self, bit: u64, is: bool) {
        self.bits = self.bits & !bit | if is { bit } else { 0 };
    }

    /// Returns the bits of the record.
    pub(super) fn bits(&mut self) -> u64 {
        let low = match self.status {
            Some(status) => status == string(b"low") || status == string(b"critical"),
            None => self.level.or(self.battery_level).unwrap_or_default(),
        };
        self.set(Query::LOW_BATTERY, low);
        self.bits
    }

    /// Returns `display_name`, else `name`, in lower case.
    pub(super) fn name(&mut self, lower: fn(&mut Vec<u8>)) -> Vec<u8> {
        let name = self.display_name.take().or(self.name.take());
        let mut name = name.unwrap_or_default();
        let is_ascii = name.iter_mut().all(|byte| {
            byte.make_ascii_lowercase();
            byte.is_ascii()
        });
        if !is_ascii {
            lower(&mut name);
        }
        name
    }
}
