//! Pasted lists of addresses: `joe@example.com, "Doe, Mary" <mary@example.com>` (INV-1).
//!
//! Never refuses anything: what is no address is refused as a row, like any other.

/// One entry of a list, as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub email: String,
    pub name: Option<String>,
}

/// Entries parted by commas, semicolons or line ends, in order. Empty ones are passed over.
pub(super) fn entries(list: &str) -> Vec<Entry> {
    split(list).into_iter().map(str::trim).filter(|text| !text.is_empty()).map(entry).collect()
}

/// Splits at separators that stand neither in quotes nor in angle brackets. A line end always splits, so that one
/// forgotten quote spoils its own line alone.
fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quoted, mut bracketed) = (false, false);
    for (at, letter) in list.char_indices() {
        match letter {
            '\n' | '\r' => (quoted, bracketed) = (false, false),
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            _ => {}
        }
        let separates =
            matches!(letter, '\n' | '\r') || (matches!(letter, ',' | ';') && !quoted && !bracketed);
        if separates {
            parts.push(&list[start..at]);
            start = at + letter.len_utf8();
        }
    }
    parts.push(&list[start..]);
    parts
}

fn entry(text: &str) -> Entry {
    let bracketed = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let Some((name, email)) = bracketed else {
        return Entry { email: text.to_owned(), name: None };
    };
    let name = name.trim().trim_matches('"').trim();
    let name = if name.is_empty() { None } else { Some(name.to_owned()) };
    Entry { email: email.trim().to_owned(), name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Vec<(String, String)> {
        entries(list).into_iter().map(|it| (it.email, it.name.unwrap_or_default())).collect()
    }

    fn pair(email: &str, name: &str) -> (String, String) {
        (email.to_owned(), name.to_owned())
    }

    #[test]
    fn inv_1_commas_semicolons_and_line_ends_part_the_entries() {
        let list = "joe@example.com, mary@example.com;ann@example.com\r\nbob@example.com\n\n , ;";
        let emails: Vec<String> = entries(list).into_iter().map(|it| it.email).collect();
        assert_eq!(emails, ["joe@example.com", "mary@example.com", "ann@example.com", "bob@example.com"]);
    }

    #[test]
    fn inv_1_names_stand_before_addresses_in_brackets() {
        assert_eq!(
            read("Joe Doe <joe@example.com>, \"Doe, Mary\" <mary@example.com>; <ann@example.com>"),
            [
                pair("joe@example.com", "Joe Doe"),
                pair("mary@example.com", "Doe, Mary"),
                pair("ann@example.com", "")
            ]
        );
    }

    #[test]
    fn a_forgotten_quote_spoils_its_own_line_alone() {
        assert_eq!(
            read("\"Joe <joe@example.com>, x\nmary@example.com"),
            [pair("\"Joe <joe@example.com>, x", ""), pair("mary@example.com", "")]
        );
    }

    #[test]
    fn what_is_no_address_stays_an_entry() {
        assert_eq!(read("joe"), [pair("joe", "")]);
        assert!(entries(" \n ").is_empty());
    }
}
