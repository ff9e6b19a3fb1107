//! A reference model: what the engine must answer, one step at a time, written as plainly as
//! possible. It knows the one small lifecycle of [`world`](crate::world) and nothing else.

use std::collections::BTreeMap;

/// Milliseconds.
pub type Ms = i64;

/// What the lifecycle of the model says, as numbers.
pub mod rules {
    use super::Ms;

    /// Codes per account and day.
    pub const QUOTA: usize = 4;
    /// The day.
    pub const WINDOW: Ms = 24 * 3_600_000;
    /// Life of a code.
    pub const CODE: Ms = 5 * 60_000;
    /// Life of an attempt.
    pub const WITHIN: Ms = 30 * 60_000;
    /// Wrong codes that lock an attempt.
    pub const ATTEMPTS: u32 = 3;
    /// Wait before another code.
    pub const RESEND: Ms = 60_000;
    /// Codes per attempt.
    pub const SENDS: u32 = 3;
    /// Time after which a bound number is released by itself.
    pub const RELEASE: Ms = 72 * 3_600_000;
    /// Accounts that may share a number.
    pub const SHARED: usize = 2;
}

/// One command, on one of a few accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Create the account.
    Create(u8),
    /// Ask to bind a number, with the risk acknowledged or not.
    Bind(u8, u8, bool),
    /// Acknowledge the risk of the open attempt.
    Acknowledge(u8),
    /// Present the newest code, or a wrong one.
    Code(u8, bool),
    /// Ask for another code.
    Resend(u8),
    /// Give the attempt up.
    Cancel(u8),
    /// Release the number.
    Unbind(u8),
    /// Let time pass, or set the clock back.
    Advance(Ms),
    /// Let due timers have their effect.
    Tick,
    /// Stop the program and start it again.
    Restart,
}

/// What an answer looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Done.
    Applied,
    /// Waits for the risk to be acknowledged.
    WaitsForRisk,
    /// Waits for a code.
    WaitsForCode,
    /// Refused with this code.
    Denied(&'static str),
    /// The step is about no account.
    Nothing,
}

/// What an account looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Face {
    /// The number that is bound.
    pub phone: Option<u8>,
    /// Whether the badge, which follows the number, is lit.
    pub badge: bool,
    /// Codes that could still be sent now.
    pub codes_left: usize,
    /// Whether an attempt is open.
    pub open: bool,
}

#[derive(Debug, Clone, Default)]
struct Account {
    phone: Option<u8>,
    bound_at: Ms,
    sent: Vec<Ms>,
    attempt: Option<Attempt>,
}

#[derive(Debug, Clone)]
struct Attempt {
    phone: u8,
    acknowledged: bool,
    expires_at: Ms,
    sent_at: Ms,
    sends: u32,
    wrong: u32,
}

/// Every account, and the time.
#[derive(Debug, Clone, Default)]
pub struct Model {
    now: Ms,
    accounts: BTreeMap<u8, Account>,
    /// Wrong codes so far: the model does not know the limits on them over all attempts.
    pub failures: u32,
}

impl Model {
    /// An empty store at an instant.
    pub fn new(now: Ms) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    /// What the engine must answer.
    pub fn step(&mut self, step: Step) -> Seen {
        match step {
            Step::Create(id) => self.create(id),
            Step::Bind(id, phone, acknowledged) => self.bind(id, phone, acknowledged),
            Step::Acknowledge(id) => self.acknowledge(id),
            Step::Code(id, right) => self.code(id, right),
            Step::Resend(id) => self.resend(id),
            Step::Cancel(id) => self.cancel(id),
            Step::Unbind(id) => self.unbind(id),
            Step::Advance(by) => {
                self.now += by;
                Seen::Nothing
            }
            Step::Tick => self.tick(),
            Step::Restart => Seen::Nothing,
        }
    }

    /// What the account must look like.
    pub fn face(&self, id: u8) -> Option<Face> {
        let account = self.accounts.get(&id)?;
        Some(Face {
            phone: account.phone,
            badge: account.phone.is_some(),
            codes_left: self.left(account),
            open: account.attempt.is_some(),
        })
    }

    /// Every account there is.
    pub fn ids(&self) -> impl Iterator<Item = u8> {
        self.accounts.keys().copied()
    }

    /// How many codes could be sent now. Each takes the place of the one that was sent longest ago,
    /// in the order of sending: that counts also where the clock was set back in between.
    fn left(&self, account: &Account) -> usize {
        let place = |ahead: usize| (account.sent.len() + ahead).checked_sub(rules::QUOTA);
        let is_taken = |ahead: &usize| {
            let sent = place(*ahead).map(|place| account.sent[place]);
            sent.is_some_and(|at| self.now - at < rules::WINDOW)
        };
        (0..rules::QUOTA).find(is_taken).unwrap_or(rules::QUOTA)
    }

    fn create(&mut self, id: u8) -> Seen {
        if self.accounts.contains_key(&id) {
            return Seen::Denied("D0012");
        }
        self.accounts.insert(id, Account::default());
        Seen::Applied
    }

    fn others_with(&self, id: u8, phone: u8) -> usize {
        let holds =
            |(other, account): &(&u8, &Account)| **other != id && account.phone == Some(phone);
        self.accounts.iter().filter(holds).count()
    }

    /// Gates before verification, for binding.
    fn may_bind(&self, id: u8, phone: u8) -> Result<(), Seen> {
        let account = self.accounts.get(&id).ok_or(Seen::Denied("D0004"))?;
        if account.phone.is_some() {
            return Err(Seen::Denied("D0005"));
        }
        if self.others_with(id, phone) >= rules::SHARED {
            return Err(Seen::Denied("D0009"));
        }
        Ok(())
    }

    fn may_send(&self, account: &Account, sends: u32) -> Result<(), Seen> {
        if sends >= rules::SENDS {
            return Err(Seen::Denied("V0007"));
        }
        if self.left(account) == 0 {
            return Err(Seen::Denied("Q0001"));
        }
        Ok(())
    }

    fn bind(&mut self, id: u8, phone: u8, acknowledged: bool) -> Seen {
        if let Err(refused) = self.may_bind(id, phone) {
            return refused;
        }
        let now = self.now;
        let mut account = self.accounts.get(&id).cloned().unwrap_or_default();
        if acknowledged {
            if let Err(refused) = self.may_send(&account, 0) {
                return refused;
            }
            account.sent.push(now);
        }
        account.attempt = Some(Attempt {
            phone,
            acknowledged,
            expires_at: now + rules::WITHIN,
            sent_at: now,
            sends: u32::from(acknowledged),
            wrong: 0,
        });
        self.accounts.insert(id, account);
        if acknowledged {
            Seen::WaitsForCode
        } else {
            Seen::WaitsForRisk
        }
    }

    /// The open attempt of an account, if it has not lapsed.
    fn open(&self, id: u8, missing: &'static str) -> Result<(Account, Attempt), Seen> {
        let account = self.accounts.get(&id).cloned().unwrap_or_default();
        let attempt = account
            .attempt
            .clone()
            .filter(|attempt| attempt.expires_at > self.now);
        attempt
            .map(|attempt| (account, attempt))
            .ok_or(Seen::Denied(missing))
    }

    fn acknowledge(&mut self, id: u8) -> Seen {
        let tried = self
            .open(id, "V0005")
            .and_then(|(mut account, mut attempt)| {
                self.may_bind(id, attempt.phone)?;
                if attempt.acknowledged {
                    return Err(Seen::Denied("V0009"));
                }
                attempt.acknowledged = true;
                let sendable = self.may_send(&account, 0);
                if sendable.is_ok() {
                    (attempt.sends, attempt.sent_at) = (1, self.now);
                    account.sent.push(self.now);
                }
                account.attempt = Some(attempt);
                self.accounts.insert(id, account);
                sendable.map(|()| Seen::WaitsForCode)
            });
        tried.unwrap_or_else(|refused| refused)
    }

    fn code(&mut self, id: u8, right: bool) -> Seen {
        let tried = self
            .open(id, "V0002")
            .and_then(|(mut account, mut attempt)| {
                self.may_bind(id, attempt.phone)?;
                if !attempt.acknowledged || attempt.sends == 0 {
                    return Err(Seen::Denied("V0009"));
                }
                let in_time = self.now < (attempt.sent_at + rules::CODE).min(attempt.expires_at);
                if right && in_time {
                    account.phone = Some(attempt.phone);
                    account.bound_at = self.now;
                    account.attempt = None;
                    self.accounts.insert(id, account);
                    return Ok(Seen::Applied);
                }
                attempt.wrong += 1;
                self.failures += 1;
                account.attempt = (attempt.wrong < rules::ATTEMPTS).then_some(attempt);
                self.accounts.insert(id, account);
                Err(Seen::Denied("V0002"))
            });
        tried.unwrap_or_else(|refused| refused)
    }

    fn resend(&mut self, id: u8) -> Seen {
        let tried = self
            .open(id, "V0005")
            .and_then(|(mut account, mut attempt)| {
                self.may_bind(id, attempt.phone)?;
                if !attempt.acknowledged {
                    // Put again as it was: the risk still waits.
                    return Ok(Seen::WaitsForRisk);
                }
                let wait_over = attempt.sent_at + rules::RESEND <= self.now;
                let may_again = attempt.sends < rules::SENDS;
                if attempt.sends > 0 && may_again && !wait_over {
                    return Err(Seen::Denied("V0006"));
                }
                self.may_send(&account, attempt.sends)?;
                attempt.sends += 1;
                (attempt.sent_at, attempt.wrong) = (self.now, 0);
                account.sent.push(self.now);
                account.attempt = Some(attempt);
                self.accounts.insert(id, account);
                Ok(Seen::WaitsForCode)
            });
        tried.unwrap_or_else(|refused| refused)
    }

    fn cancel(&mut self, id: u8) -> Seen {
        match self.open(id, "V0005") {
            Ok((account, _)) => {
                let closed = Account {
                    attempt: None,
                    ..account
                };
                self.accounts.insert(id, closed);
                Seen::Applied
            }
            Err(refused) => refused,
        }
    }

    fn unbind(&mut self, id: u8) -> Seen {
        match self.accounts.get_mut(&id) {
            None => Seen::Denied("D0004"),
            Some(account) if account.phone.is_none() => Seen::Denied("D0005"),
            Some(account) => {
                account.phone = None;
                Seen::Applied
            }
        }
    }

    fn tick(&mut self) -> Seen {
        let now = self.now;
        for account in self.accounts.values_mut() {
            if account
                .attempt
                .as_ref()
                .is_some_and(|attempt| attempt.expires_at <= now)
            {
                account.attempt = None;
            }
            if account.phone.is_some() && account.bound_at + rules::RELEASE <= now {
                account.phone = None;
            }
        }
        Seen::Nothing
    }
}
