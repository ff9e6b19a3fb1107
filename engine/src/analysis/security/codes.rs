//! The codes of what a lifecycle lets the wrong people do or learn.

use crate::diagnostic::Code;

/// A privileged state is reached without any proof.
pub(super) const PRIVILEGE_UNPROVED: Code = Code("A1001");
/// Personal data are changed without any proof.
pub(super) const PERSONAL_UNPROVED: Code = Code("A1002");
/// A privileged state cannot be left, or only by those who have the privilege.
pub(super) const PRIVILEGE_FOR_EVER: Code = Code("A1003");
/// Privilege is raised without a word.
pub(super) const SILENT_RAISE: Code = Code("A1004");
/// An address is changed on proof of the new one alone.
pub(super) const OLD_IDENTITY_UNPROVED: Code = Code("A1005");
/// An address is changed, and the old one is not told.
pub(super) const OLD_ADDRESS_NOT_TOLD: Code = Code("A1006");
/// Whether an address is in use can be asked at any speed.
pub(super) const ADDRESSES_CAN_BE_PROBED: Code = Code("A1007");
/// A quota is too small for one whole flow.
pub(super) const QUOTA_TOO_SMALL: Code = Code("A1008");
/// No policy grants a permission.
pub(super) const PERMISSION_NOT_GRANTED: Code = Code("A1009");
/// An action of a policy is nearly a permission.
pub(super) const NEARLY_A_PERMISSION: Code = Code("A1010");
/// Actions of a policy are asked for by no transition.
pub(super) const ACTIONS_NOT_ASKED_FOR: Code = Code("A1011");
/// No principal satisfies a caller rule.
pub(super) const NO_SUCH_CALLER: Code = Code("A1012");
/// A refusal tells of the account to somebody who may not read it.
pub(super) const STRANGERS_LEARN: Code = Code("A1013");
/// A condition cannot be analysed.
pub(super) const NOT_ANALYSED: Code = Code("A1014");
