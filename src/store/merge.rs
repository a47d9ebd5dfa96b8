use super::delta::Delta;
use super::page::Entry;
use super::slots::Slots;

/// Puts what has arrived into the slots: the whole list, or a part of it, and
/// the rest stays. Two of one id are one: it stands where the first does and is
/// what the last is, as in a `Map`. What is held stays as it is in a whole list,
/// and is from a part of it until the next one.
pub(super) fn merge(slots: &mut Slots, entries: Vec<Entry>, whole: bool) -> Delta {
    let mut order = Vec::new();
    for entry in entries {
        let slot = place(slots, entry, whole);
        if let Some(record) = slots.record_mut(slot)
            && !record.seen
        {
            record.seen = true;
            order.push(slot);
        }
    }
    let mut delta = Delta::new();
    let mut listed = Vec::new();
    for slot in slots.order() {
        if whole && slots.record(*slot).is_some_and(|record| !record.seen) {
            delta.removed.push(*slot);
        }
        if !whole {
            listed.push(*slot);
        }
    }
    for slot in order {
        if let Some(record) = slots.record_mut(slot) {
            if record.added {
                delta.added.push(slot);
            }
            if whole || record.added {
                listed.push(slot);
            }
            if let Some(next) = record.next.take() {
                if next.meaning != record.meaning {
                    delta.changed.push(slot);
                }
                *record = next;
            }
            record.seen = false;
            record.added = false;
            record.held = !whole;
        }
    }
    slots.set_order(listed);
    delta
}

/// The slot of an entry, which has now what it will be.
fn place(slots: &mut Slots, entry: Entry, whole: bool) -> u32 {
    let (slot, next) = match entry {
        Entry::Same(slot) => (slot, None),
        Entry::Other(record) => match slots.find(&record.id, record.id_hash) {
            Some(slot) => (slot, Some(record)),
            None => return slots.add(record),
        },
    };
    if let Some(record) = slots.record_mut(slot) {
        match next {
            Some(next) if record.added => {
                let seen = record.seen;
                *record = next;
                record.seen = seen;
            }
            next => record.next = next.filter(|_| !(whole && record.held)),
        }
    }
    slot
}
