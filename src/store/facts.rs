use std::borrow::Cow;

use super::flags::Flags;
use super::fold::fold;
use super::hash::Hash;
use super::number;
use super::query::Query;
use super::unescape::unescape;
use super::value::{EMPTY, ROOT, TRUE, string, within};

/// Without a status, a battery below this is low: a choice, Seam names no number.
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
// Of a page's `pagination`.
const HAS_NEXT_PAGE: u64 = member(ROOT, "has_next_page");
const NEXT_PAGE_CURSOR: u64 = member(ROOT, "next_page_cursor");

/// What can be asked of a device without its object.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// A bit for each thing that is so: those of `Query`, and those of `Flags`
    /// for the capability flags that are present and true.
    pub(super) bits: u64,
    /// The hash of `device_type`, 0 if there is none.
    pub(super) device_type: u64,
    /// `display_name`, else `name`, folded.
    pub(super) name: Box<[u8]>,
}

/// What is the same for all devices.
#[derive(Debug)]
pub(super) struct Names {
    /// The path of the id.
    pub(super) id: u64,
    pub(super) flags: Flags,
}

impl Names {
    pub(super) const fn new(id_member: &[u8]) -> Self {
        Self {
            id: within(ROOT, Hash::of(id_member)),
            flags: Flags::new(),
        }
    }
}

/// What has been seen in a value while it was read. Strings stand as they are
/// written, with their quotes.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    pub(super) id: Option<&'a [u8]>,
    pub(super) cursor: Option<&'a [u8]>,
    pub(super) has_next_page: bool,
    display_name: Option<&'a [u8]>,
    name: Option<&'a [u8]>,
    bits: u64,
    device_type: u64,
    level: Option<f64>,
    battery_level: Option<f64>,
    status: Option<u64>,
}

impl<'a> Seen<'a> {
    /// A value begins. Of two of one name the last counts: what was in the other goes.
    pub(super) fn forget(&mut self, path: u64) {
        if path == PROPERTIES {
            self.bits &= !Query::ONLINE;
            self.battery_level = None;
        }
        if path == PROPERTIES || path == BATTERY {
            (self.level, self.status) = (None, None);
        }
    }

    /// A value has ended, which means this.
    pub(super) fn note(&mut self, path: u64, text: &'a [u8], meaning: u64, names: &Names) {
        let first = text.first().copied().unwrap_or_default();
        let quoted = first == b'"';
        let as_string = Some(text).filter(|_| quoted);
        let number = || (first == b'-' || first.is_ascii_digit()).then(|| number::value(text));
        match path {
            DEVICE_TYPE => self.device_type = meaning,
            DISPLAY_NAME => self.display_name = as_string,
            NAME => self.name = as_string,
            ERRORS => self.set(Query::HAS_ERRORS, first == b'[' && meaning != EMPTY),
            ONLINE => self.set(Query::ONLINE, meaning == TRUE),
            BATTERY_LEVEL => self.battery_level = number(),
            LEVEL => self.level = number(),
            STATUS => self.status = Some(meaning).filter(|_| quoted),
            HAS_NEXT_PAGE => self.has_next_page = meaning == TRUE,
            NEXT_PAGE_CURSOR => self.cursor = as_string,
            _ if path == names.id => self.id = as_string,
            _ => {}
        }
    }

    /// Whether something is so, by its bit.
    pub(super) fn set(&mut self, bit: u64, is: bool) {
        self.bits = self.bits & !bit | if is { bit } else { 0 };
    }

    pub(super) fn facts(mut self) -> Facts {
        let low = match (self.status, self.level.or(self.battery_level)) {
            (Some(status), _) => status == string(b"low") || status == string(b"critical"),
            (None, Some(level)) => level < LOW_BATTERY,
            (None, None) => false,
        };
        self.set(Query::LOW_BATTERY, low);
        let name = self.display_name.or(self.name).unwrap_or_default();
        Facts {
            bits: self.bits,
            device_type: self.device_type,
            name: fold(&says(name)),
        }
    }
}

/// What a string says that stands as it is written.
pub(super) fn says(quoted: &[u8]) -> Cow<'_, [u8]> {
    let end = quoted.len().saturating_sub(1);
    unescape(quoted.get(1..end).unwrap_or_default())
}
