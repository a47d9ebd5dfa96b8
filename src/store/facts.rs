use super::flags::Flags;
use super::fold::fold;
use super::hash::Hash;
use super::number;
use super::tokens::Token;
use super::unescape::unescape;

/// Without a status, a battery below this is low: a choice, Seam names no number.
const LOW_BATTERY: f64 = 0.25;

/// What can be asked of a device without its object. What a device does not
/// say is false, empty, 0.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The hash of `device_type`.
    pub(super) device_type: u64,
    /// A bit for each flag that is present and true.
    pub(super) can: u64,
    /// `properties.online`.
    pub(super) online: bool,
    /// `properties.battery.status` is low or critical, or there is none and the level is low.
    pub(super) low_battery: bool,
    /// `errors` holds something.
    pub(super) has_errors: bool,
    /// `display_name`, else `name`, folded.
    pub(super) name: Box<[u8]>,
}

/// A member that is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Member {
    #[default]
    Other,
    Id,
    DeviceType,
    Flag(u64),
    DisplayName,
    Name,
    Errors,
    Properties,
    Online,
    BatteryLevel,
    Battery,
    Status,
    Level,
    /// No member: an item of an array.
    Item,
}

/// Gathers the id and the facts of one device out of its tokens.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    /// The number of objects and arrays that are open.
    depth: usize,
    /// Where it is, for the levels that are looked at.
    path: [Member; 3],
    id: Option<Box<[u8]>>,
    display_name: Option<Box<[u8]>>,
    name: Option<Box<[u8]>>,
    low_status: Option<bool>,
    low_level: bool,
    facts: Facts,
}

/// What is the same for all devices.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) id_member: Vec<u8>,
    pub(super) flags: Flags,
}

impl Gatherer {
    /// In a device whose object has just begun.
    pub(super) fn new() -> Self {
        Self {
            depth: 1,
            ..Self::default()
        }
    }

    /// Takes the next token; says whether the device has ended.
    pub(super) fn take(&mut self, token: Token<'_>, names: &mut Names) -> bool {
        match token {
            Token::End => self.depth = self.depth.saturating_sub(1),
            Token::Key(raw) => {
                if self.depth <= self.path.len() {
                    let member = self.member(&unescape(raw), names);
                    self.forget(member);
                    self.enter(member);
                }
            }
            Token::Object | Token::Array => {
                self.value(token);
                self.depth += 1;
                self.enter(Member::Item);
            }
            _ => self.value(token),
        }
        self.depth == 0
    }

    /// The id, and the facts; nothing for a device without an id.
    pub(super) fn finish(self) -> Option<(Box<[u8]>, Facts)> {
        let facts = Facts {
            low_battery: self.low_status.unwrap_or(self.low_level),
            name: self.display_name.or(self.name).unwrap_or_default(),
            ..self.facts
        };
        Some((self.id?, facts))
    }

    fn enter(&mut self, member: Member) {
        if let Some(place) = self.path.get_mut(self.depth.wrapping_sub(1)) {
            *place = member;
        }
    }

    fn member(&self, name: &[u8], names: &mut Names) -> Member {
        let [first, second, _] = self.path;
        match (self.depth, first, second) {
            (1, ..) => match name {
                _ if *name == *names.id_member => Member::Id,
                b"device_type" => Member::DeviceType,
                b"display_name" => Member::DisplayName,
                b"name" => Member::Name,
                b"errors" => Member::Errors,
                b"properties" => Member::Properties,
                _ if name.starts_with(b"can_") => Member::Flag(names.flags.bit(Hash::of(name))),
                _ => Member::Other,
            },
            (2, Member::Properties, _) => match name {
                b"online" => Member::Online,
                b"battery_level" => Member::BatteryLevel,
                b"battery" => Member::Battery,
                _ => Member::Other,
            },
            (3, Member::Properties, Member::Battery) => match name {
                b"status" => Member::Status,
                b"level" => Member::Level,
                _ => Member::Other,
            },
            _ => Member::Other,
        }
    }

    /// Of two members of one name the last counts.
    fn forget(&mut self, member: Member) {
        match member {
            Member::Id => self.id = None,
            Member::DeviceType => self.facts.device_type = 0,
            Member::Flag(bit) => self.facts.can &= !bit,
            Member::DisplayName => self.display_name = None,
            Member::Name => self.name = None,
            Member::Errors => self.facts.has_errors = false,
            Member::Online => self.facts.online = false,
            Member::Properties => {
                self.facts.online = false;
                (self.low_status, self.low_level) = (None, false);
            }
            Member::Battery | Member::Status => self.low_status = None,
            Member::BatteryLevel | Member::Level => self.low_level = false,
            Member::Other | Member::Item => {}
        }
    }

    fn value(&mut self, token: Token<'_>) {
        let [first, second, third] = self.path;
        let place = match (self.depth, first) {
            (1, _) => first,
            (2, Member::Errors) => {
                self.facts.has_errors = true;
                return;
            }
            (2, Member::Properties) => second,
            (3, Member::Properties) if second == Member::Battery => third,
            _ => return,
        };
        match (place, token) {
            (Member::Id, Token::String(raw)) => self.id = Some(unescape(raw).into()),
            (Member::DeviceType, Token::String(raw)) => {
                self.facts.device_type = Hash::of(&unescape(raw));
            }
            (Member::Flag(bit), Token::True) => self.facts.can |= bit,
            (Member::DisplayName, Token::String(raw)) => {
                self.display_name = Some(fold(&unescape(raw)));
            }
            (Member::Name, Token::String(raw)) => self.name = Some(fold(&unescape(raw))),
            (Member::Online, Token::True) => self.facts.online = true,
            (Member::Status, Token::String(raw)) => {
                self.low_status = Some(matches!(&*unescape(raw), b"low" | b"critical"));
            }
            (Member::BatteryLevel | Member::Level, Token::Number(text)) => {
                self.low_level = number::value(text) < LOW_BATTERY;
            }
            _ => {}
        }
    }
}
