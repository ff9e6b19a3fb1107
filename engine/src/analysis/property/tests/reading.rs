//! What may be written in a file of properties, and what is said of mistakes in it.

use std::sync::LazyLock;

use super::{found, shipped};
use crate::bundle::Bundle;
use crate::diagnostic::all;

static SHIPPED: LazyLock<Bundle> = LazyLock::new(|| shipped("resource_account"));

/// The example under a heading of an explain page.
fn example<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    let (_, rest) = rest.split_once("```yaml\n")?;
    rest.split("```").next()
}

#[test]
fn each_page_fails_with_its_code_and_is_mended() {
    let is_ours =
        |code: &str| ("W0231"..="W0249").contains(&code) || ("A0051"..="A0069").contains(&code);
    let mut seen = 0;
    for page in all().iter().filter(|page| is_ours(page.code.0)) {
        let (Some(fails), Some(fixed)) = (example(page.page, "Fails"), example(page.page, "Fixed"))
        else {
            continue;
        };
        let codes: Vec<String> = found(&SHIPPED, fails)
            .lines()
            .filter(|line| !line.starts_with(' '))
            .map(|line| line[..5].to_owned())
            .collect();
        assert_eq!(codes, [page.code.0]);
        assert_eq!(found(&SHIPPED, fixed), "", "{}", page.code);
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn mistakes_are_told_where_they_are() {
    insta::assert_snapshot!(found(&SHIPPED, r#"
properties:
  - name: one
    always: state.mobil_phone == "bound"
  - name: two
    always: input.phone == account.phone
  - name: three
    always: account.phone == "1"
  - name: four
    never: { does: mobile_phone.chang, by: auditor }
  - name: five
    only: { who: root_user, changes: fone, when: account.email }
  - name: six
    only: { who: root, does: mobil.* }
  - name: seven
    requires: { does: [mobile_phone.*, any], proof: [old_fone, { code_to: account.fone }, {}] }
  - name: eight
    always: true
    never: false
  - name: nine
  - name: ten
    never: { state: false, does: any }
  - name: eleven
    for: { fone: "1", id: "a b", phone: "12" }
    starting_in: { mobile_fone: bound, mobile_phone: bond }
    leads_to: { from: "true", to: "true", without: any, by: [{ caller: visitors, kind: roots }] }
"#), @r"
    W0302 4:19 `state` has no `mobil_phone`
        did you mean `mobile_phone`?
    W0307 6:13 `input.phone` cannot be read here
      a property is about accounts, and cannot read `input.phone`
    W0305 6:28 `account.phone` can be unset here
        ask first: `has(account.phone) && ...`
        or give a default: `account.phone ?? ...`
    W0306 8:30 this text is no phone: expected a phone number with its country code, such as +65 9123 4567 or 65-91234567
    W0305 8:13 `account.phone` can be unset here
        ask first: `has(account.phone) && ...`
        or give a default: `account.phone ?? ...`
    W0233 10:20 there is no transition `mobile_phone.chang`
        did you mean `mobile_phone.change`?
    W0233 10:44 there is no principal `auditor`
        did you mean `ram_role/auditor`?
    W0233 12:38 there is no attribute `fone`
        did you mean `phone`?
    W0304 12:50 expected bool, found email
    W0233 12:18 there is no principal `root_user`
        the caller rule is written `{ caller: root_user }`
    W0233 14:30 there is no transition `mobil.*`
    W0233 14:18 there is no principal `root`
        the kind is written `{ kind: root }`
    W0233 16:54 there is no verification `old_fone`
        did you mean `old_phone`?
    W0233 16:75 there is no name `account.fone`
        did you mean `account.phone`?
    W0235 16:91 no verification is named
    W0232 17:11 this property makes 2 claims
        state one of `always`, `never`, `leads_to`, `requires` or `only`
    W0232 20:11 this property claims nothing
        state one of `always`, `never`, `leads_to`, `requires` or `only`
    W0232 22:14 a state and a step are two claims
        make them two properties
    W0233 24:12 there is no attribute `fone`
        did you mean `phone`?
    W0234 24:28 expected an account id: 1 to 128 of A-Z, a-z, 0-9, -, _, ., @
      declared as account_id
    W0234 24:42 expected a phone number with its country code, such as +65 9123 4567 or 65-91234567
      declared as phone
    W0233 25:20 there is no workflow `mobile_fone`
        did you mean `mobile_phone`?
    W0233 25:54 there is no state `bond`
        did you mean `bound`?
    W0233 26:88 there is no kind of principal `roots`
        did you mean `root`?
    W0233 26:72 there is no caller `visitors`
        did you mean `visitor`?
    ");
}

#[test]
fn what_cannot_be_read_does_not_hide_the_rest() {
    insta::assert_snapshot!(found(&SHIPPED, r#"
properties:
  - name: one
    allways: true
  - name: two
    requires: { does: any, prof: old_phone }
  - name: three
    always: state.mobile_phone == "bond"
"#), @r"
    W0106 4:5 unknown key `allways`
        did you mean `always`?
    W0106 6:28 unknown key `prof`
        did you mean `proof`?
    W0306 8:35 `bond` is none of the possible words
        it is one of bound, unbound
        did you mean `bound`?
    ");
}
