//! What happens to access codes: they are set and removed when their device is online, and become
//! unmanaged with it.

use crate::model::{ATTEMPT, Code, Id, Model, Owner};

/// What a device is to do with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Set,
    Remove,
}

/// An operation that ends at a time.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) at: u64,
    code: Id,
    operation: Operation,
    needs_device: bool,
}

impl Model {
    pub(crate) fn create_code(&mut self, id: Id, device: &Id, owner: Option<Owner>) {
        let code = Code {
            device: device.clone(),
            owner,
            grant: None,
            is_managed: true,
            is_on_device: false,
            is_removing: false,
            has_failed: false,
        };
        self.codes.insert(id.clone(), code);
        self.start(&id, Operation::Set, true);
    }

    /// Returns whether the device has to remove the code, and the device.
    pub(crate) fn delete_code(&mut self, id: &Id) -> (bool, Id) {
        let code = self.codes.get_mut(id).expect("it is there");
        code.is_removing = true;
        let (needs_device, device) = (code.is_on_device, code.device.clone());
        self.start(id, Operation::Remove, needs_device);
        (needs_device, device)
    }

    /// The grant of these codes is deleted. Those that are not on their device are gone at once.
    pub(crate) fn remove_codes_of_grant(&mut self, grant: &Id) {
        let of_grant = |it: &Code| it.grant.as_ref() == Some(grant) && it.is_managed;
        self.codes.retain(|_, it| !of_grant(it) || it.is_on_device);
        let codes = self.codes.iter_mut().filter(|(_, it)| of_grant(it));
        let mut left = Vec::new();
        for (id, code) in codes {
            code.is_removing = true;
            left.push(id.clone());
        }
        for id in left {
            self.start(&id, Operation::Remove, true);
        }
    }

    /// The device has come online, so what failed is tried again.
    pub(crate) fn retry_codes(&mut self, device: &Id) {
        let codes = self.codes.iter();
        let failed = codes.filter(|(_, it)| &it.device == device && it.is_managed && it.has_failed);
        let failed: Vec<(Id, bool)> = failed
            .map(|(id, it)| (id.clone(), it.is_removing))
            .collect();
        for (id, is_removing) in failed {
            let operation = if is_removing {
                Operation::Remove
            } else {
                Operation::Set
            };
            self.start(&id, operation, true);
        }
    }

    /// The codes that the device has become unmanaged; others are gone.
    pub(crate) fn unmanage_codes(&mut self, device: &Id) {
        self.codes
            .retain(|_, it| &it.device != device || !it.is_managed || it.is_on_device);
        for code in self.codes.values_mut() {
            code.is_managed &= &code.device != device;
        }
    }

    fn start(&mut self, code: &Id, operation: Operation, needs_device: bool) {
        self.pending.push(Pending {
            at: self.now + ATTEMPT,
            code: code.clone(),
            operation,
            needs_device,
        });
    }

    /// Ends the operations that are due.
    pub(crate) fn end_operations(&mut self) {
        let now = self.now;
        let mut due: Vec<Pending> = self.pending.extract_if(.., |it| it.at <= now).collect();
        due.sort_by_key(|it| it.at);
        for it in due {
            let Some(code) = self.codes.get_mut(&it.code).filter(|it| it.is_managed) else {
                continue;
            };
            if code.is_removing != (it.operation == Operation::Remove) {
                continue;
            }
            let is_online = self
                .devices
                .get(&code.device)
                .is_some_and(|it| it.is_online);
            code.has_failed = it.needs_device && !is_online;
            if code.has_failed {
                continue;
            }
            code.is_on_device = true;
            if it.operation == Operation::Remove {
                self.codes.remove(&it.code);
            }
        }
    }
}
