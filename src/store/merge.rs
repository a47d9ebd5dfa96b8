use super::delta::Delta;
use super::meaning::meaning;
use super::page::Entry;
use super::record::Record;
use super::slots::Slots;

/// What becomes of a slot.
#[derive(Debug)]
enum Fate {
    /// Nothing has named it yet.
    Unseen,
    /// It is new.
    Added,
    /// It keeps its text.
    Kept,
    /// It gets another.
    Replaced(Box<Record>),
}

/// Puts what has arrived into the slots. Two of one id are one: it stands where
/// the first does and is what the last is, as in a `Map`.
pub(super) struct Merge<'a> {
    slots: &'a mut Slots,
    /// Slots that keep their text, whatever comes.
    held: &'a [u32],
    fates: Vec<Fate>,
    /// The slots as they came, each once.
    order: Vec<u32>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(slots: &'a mut Slots, held: &'a [u32]) -> Self {
        let mut merge = Self {
            fates: Vec::new(),
            order: Vec::new(),
            slots,
            held,
        };
        merge.grow();
        merge
    }

    /// Takes the next entry; gives its slot.
    pub(super) fn take(&mut self, entry: Entry) -> u32 {
        let (slot, fate) = match entry {
            Entry::Same(slot) => (slot, Fate::Kept),
            Entry::Other(record) => match self.slots.find(&record.id, record.id_hash) {
                None => {
                    let slot = self.slots.add(*record);
                    self.grow();
                    (slot, Fate::Added)
                }
                Some(slot) if matches!(self.fates.get(slot as usize), Some(Fate::Added)) => {
                    self.slots.replace(slot, *record);
                    (slot, Fate::Added)
                }
                Some(slot) if self.held.contains(&slot) => (slot, Fate::Kept),
                Some(slot) => (slot, Fate::Replaced(record)),
            },
        };
        if let Some(Fate::Unseen) = self.set(slot, fate) {
            self.order.push(slot);
        }
        slot
    }

    /// What has come is the whole list, or a part of it: then the rest stays.
    pub(super) fn finish(mut self, whole: bool) -> Delta {
        let mut delta = Delta::default();
        for slot in core::mem::take(&mut self.order) {
            match self.set(slot, Fate::Kept) {
                Some(Fate::Added) => delta.added.push(slot),
                Some(Fate::Replaced(record)) => {
                    if meaning(self.slots.text(slot)) != meaning(&record.text) {
                        delta.changed.push(slot);
                    }
                    self.slots.replace(slot, *record);
                }
                _ => {}
            }
            self.order.push(slot);
        }
        if whole {
            for slot in self.slots.order() {
                if let Some(Fate::Unseen) = self.fates.get(*slot as usize) {
                    delta.removed.push(*slot);
                }
            }
        } else {
            self.order = self.slots.order().to_vec();
            self.order.extend_from_slice(&delta.added);
        }
        self.slots.set_order(self.order);
        delta
    }

    fn grow(&mut self) {
        while self.fates.len() < self.slots.len() {
            self.fates.push(Fate::Unseen);
        }
    }

    /// Gives the fate before.
    fn set(&mut self, slot: u32, fate: Fate) -> Option<Fate> {
        let place = self.fates.get_mut(slot as usize)?;
        Some(core::mem::replace(place, fate))
    }
}
