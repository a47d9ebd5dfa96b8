use super::record::Record;

/// The devices of the last round, each in a slot, which it keeps from round to
/// round for as long as it is there.
#[derive(Debug)]
pub(super) struct Slots {
    records: Vec<Option<Box<Record>>>,
    /// Slots that nothing refers to.
    free: Vec<u32>,
    /// The slots in the order of the list.
    order: Vec<u32>,
    /// Where each slot stands in `order`.
    places: Vec<u32>,
    /// Slots by the hash of their ids, at the first free place at or after the
    /// hash: 1 more than the slot, 0 for none. A power of two, half empty at least.
    table: Vec<u32>,
}

impl Slots {
    pub(super) const fn new() -> Self {
        Self {
            records: Vec::new(),
            free: Vec::new(),
            order: Vec::new(),
            places: Vec::new(),
            table: Vec::new(),
        }
    }

    /// The slots in the order of the list.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    pub(super) fn record(&self, slot: u32) -> Option<&Record> {
        self.records.get(slot as usize)?.as_deref()
    }

    pub(super) fn record_mut(&mut self, slot: u32) -> Option<&mut Box<Record>> {
        self.records.get_mut(slot as usize)?.as_mut()
    }

    /// Where the slot stands in the list.
    pub(super) fn place(&self, slot: u32) -> usize {
        self.places
            .get(slot as usize)
            .map_or(0, |place| *place as usize)
    }

    /// The slot of the device with this id, whose hash is this.
    pub(super) fn find(&self, id: &[u8], hash: u64) -> Option<u32> {
        let mut entry = hash;
        loop {
            let slot = self.entry(entry)?;
            if self.record(slot).is_some_and(|record| *record.id == *id) {
                return Some(slot);
            }
            entry = entry.wrapping_add(1);
        }
    }

    /// Puts a new device into a slot of its own, where `find` finds it.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each takes more than a byte"
    )]
    pub(super) fn add(&mut self, record: Box<Record>) -> u32 {
        let hash = record.id_hash;
        let slot = self.free.pop().unwrap_or(self.records.len() as u32);
        match self.records.get_mut(slot as usize) {
            Some(place) => *place = Some(record),
            None => self.records.push(Some(record)),
        }
        if self.table.len() < self.records.len() * 2 {
            self.index();
        } else {
            self.enter(hash, slot);
        }
        slot
    }

    /// The list from now on. What stands in it no more stays in its slot until
    /// it is removed.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no more than there are slots"
    )]
    pub(super) fn set_order(&mut self, order: Vec<u32>) {
        self.places.resize(self.records.len(), 0);
        for (place, slot) in order.iter().enumerate() {
            if let Some(entry) = self.places.get_mut(*slot as usize) {
                *entry = place as u32;
            }
        }
        self.order = order;
    }

    /// Nothing is held any more.
    pub(super) fn let_go(&mut self) {
        for record in self.records.iter_mut().flatten() {
            record.held = false;
        }
    }

    /// Takes a slot out of the list.
    pub(super) fn leave_out(&mut self, slot: u32) {
        let mut order = core::mem::take(&mut self.order);
        order.retain(|other| *other != slot);
        self.set_order(order);
    }

    /// Empties slots, which may be taken again.
    pub(super) fn remove(&mut self, slots: &[u32]) {
        if slots.is_empty() {
            return;
        }
        for slot in slots {
            if let Some(place) = self.records.get_mut(*slot as usize) {
                *place = None;
            }
        }
        self.free.extend_from_slice(slots);
        self.index();
    }

    /// Makes the table anew, for twice as many devices as there are.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each takes more than a byte"
    )]
    fn index(&mut self) {
        self.table.clear();
        self.table
            .resize((self.records.len() * 4).next_power_of_two(), 0);
        for slot in 0..self.records.len() as u32 {
            if let Some(record) = self.record(slot) {
                self.enter(record.id_hash, slot);
            }
        }
    }

    fn enter(&mut self, hash: u64, slot: u32) {
        let mut entry = hash;
        while self.entry(entry).is_some() {
            entry = entry.wrapping_add(1);
        }
        let at = self.at(entry);
        if let Some(entry) = self.table.get_mut(at) {
            *entry = slot + 1;
        }
    }

    /// The slot at this place of the table, whose ends are joined.
    fn entry(&self, place: u64) -> Option<u32> {
        self.table.get(self.at(place))?.checked_sub(1)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low bits are asked for"
    )]
    fn at(&self, place: u64) -> usize {
        place as usize & self.table.len().wrapping_sub(1)
    }
}
