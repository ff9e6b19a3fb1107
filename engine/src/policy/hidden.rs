//! Characters that a policy must not hold, because whoever reads it does not see what it says.

/// Whether a character cannot be seen, or changes how others are seen: control characters, marks of
/// direction (CVE-2021-42574), blanks of no width, the mark of byte order. Joiners and variants are
/// part of how some scripts are written.
pub(super) fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => c.is_control(),
    }
}

/// Them in a text, with their places. Lines may end as they do on Windows.
pub(super) fn all(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    // Almost every policy is plain ASCII, of which no character has to be looked up.
    let is_plain = |byte: u8| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    let text = if text.bytes().all(is_plain) { "" } else { text };
    let ends_line = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with("\r\n"));
    text.char_indices()
        .filter(move |(at, c)| is_hidden(*c) && !ends_line(*at))
}

/// The first of them in a text.
pub(super) fn first(text: &str) -> Option<char> {
    all(text).next().map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_scripts_are_seen() {
        assert_eq!(first("Grüße, 阿里云, \u{1f600}\u{fe0f} \t\r\n"), None);
        for hidden in [
            '\0', '\r', '\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}',
        ] {
            assert_eq!(first(&format!("a{hidden}b")), Some(hidden));
        }
    }
}
