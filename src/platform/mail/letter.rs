//! What a mail says: written once, shown as text and as HTML.
//!
//! Never fetches anything when it is opened, and never carries markup that somebody typed: all text is escaped.

use std::fmt::Write;

use crate::primitives::ids::MemberId;

/// What a mail says. It may hold a secret, so it has no `Debug`.
pub struct Letter {
    subject: String,
    parts: Vec<Part>,
    named: Option<MemberId>,
}

enum Part {
    Paragraph(String),
    Link { label: String, url: String },
}

impl Letter {
    pub fn new(subject: impl AsRef<str>) -> Self {
        // A line break would begin another header.
        let subject = subject.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { subject, parts: Vec::new(), named: None }
    }

    /// Says which member the text names: where the letter is kept, it goes with them (DEL-1).
    #[must_use]
    pub fn naming(mut self, member: MemberId) -> Self {
        self.named = Some(member);
        self
    }

    pub(super) const fn named(&self) -> Option<MemberId> {
        self.named
    }

    #[must_use]
    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Paragraph(text.into()));
        self
    }

    /// The one thing to do.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.parts.push(Part::Link { label: label.into(), url: url.into() });
        self
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// For readers of text, and for the local mailbox.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            let (Part::Paragraph(words) | Part::Link { url: words, .. }) = part;
            let _ = write!(text, "{words}\n\n");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    /// The same for everybody else. The address of a link stands below it, so that one sees where it leads.
    pub fn html(&self) -> String {
        let mut body = String::new();
        for part in &self.parts {
            let _ = match part {
                Part::Paragraph(words) => writeln!(body, "<p>{}</p>", escaped(words)),
                Part::Link { label, url } => writeln!(
                    body,
                    "<p><a href=\"{url}\" style=\"display:inline-block;padding:10px 18px;border-radius:6px;\
                     background:#1f4e8c;color:#ffffff;text-decoration:none;font-weight:600\">{label}</a></p>\n\
                     <p style=\"font-size:13px;color:#555555;word-break:break-all\">Or copy this address into your \
                     browser:<br>{url}</p>",
                    url = escaped(url),
                    label = escaped(label),
                ),
            };
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{}</title></head>\n<body style=\"margin:0;padding:24px;\
             background:#ffffff;color:#1a1a1a;font:16px/1.5 system-ui,sans-serif\">\n<div style=\"max-width:560px;\
             margin:0 auto\">\n{body}</div>\n</body>\n</html>\n",
            escaped(&self.subject),
        )
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br>\n"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter::new("Eve\r\nBcc: <x@example.com>")
            .paragraph("Eve <b>& co</b> asks you in.")
            .link("Accept", "https://app.example.com/a?b=1&c=2#token=rci_x")
            .paragraph("That is all.")
    }

    #[test]
    fn inv_14_the_text_has_every_paragraph_and_the_whole_link() {
        let wanted =
            "Eve <b>& co</b> asks you in.\n\nhttps://app.example.com/a?b=1&c=2#token=rci_x\n\nThat is all.\n";
        assert_eq!(letter().text(), wanted);
        assert_eq!(letter().subject(), "Eve  Bcc: <x@example.com>");
    }

    #[test]
    fn inv_14_nothing_that_somebody_typed_is_markup_and_nothing_is_fetched() {
        let html = letter().html();
        assert!(html.contains("Eve &lt;b&gt;&amp; co&lt;/b&gt; asks you in."), "{html}");
        assert!(html.contains("href=\"https://app.example.com/a?b=1&amp;c=2#token=rci_x\""), "{html}");
        for fetching in ["src=", "<img", "<script", "url(", "<link", "@import"] {
            assert!(!html.contains(fetching), "{fetching}");
        }
    }
}
