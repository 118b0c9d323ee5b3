//! Rust source as far as the house's rules need it: words, marks and texts with their lines, paths and imports.
//!
//! Never understands types or macros; a rule that needs more than names belongs into the compiler's hands.

use std::fs;
use std::path::Path;

/// One file of the tree.
pub struct Source {
    /// Relative to the package, with `/`.
    pub path: String,
    pub text: String,
    /// Without comments, and without what stands under `#[cfg(test)]`.
    pub tokens: Vec<Token>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    pub line: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    Word(String),
    /// What a string literal holds.
    Text(String),
    /// `::`, or one character.
    Mark(&'static str),
    Other(char),
}

/// A path as written, `use` trees spread out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    pub line: usize,
    pub segments: Vec<String>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into(), tokens: without_tests(tokens(text)) }
    }

    /// Every `.rs` file below these folders of the package, by path.
    pub fn tree(folders: &[&str]) -> Vec<Self> {
        let mut paths = Vec::new();
        for folder in folders {
            collect(&root().join(folder), &mut paths);
        }
        paths.sort();
        paths
            .iter()
            .map(|path| Self::new(path, &fs::read_to_string(root().join(path)).expect("it is there")))
            .collect()
    }

    /// The module that the file is, from the crate's root: `["members", "block"]`.
    pub fn module(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut module: Vec<String> = inner.split('/').map(Into::into).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        module
    }

    /// Files that hold nothing but tests.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("tests.rs")
    }

    /// The paths that the file names, whether in `use` or in the middle of code.
    pub fn named(&self) -> Vec<Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let after_path = at > 0 && matches!(self.tokens[at - 1].kind, Kind::Mark("::"));
            let after_dot = at > 0 && self.tokens[at - 1].kind == Kind::Other('.');
            match &self.tokens[at].kind {
                Kind::Word(word) if word == "use" => at = self.use_tree(at + 1, &[], &mut found),
                Kind::Word(_) if !after_path && !after_dot => at = self.path_at(at, &mut found),
                _ => at += 1,
            }
        }
        found
    }

    /// A path from the crate's root, if it leads into the crate.
    pub fn resolve(&self, named: &Named) -> Option<Vec<String>> {
        let mut here = self.module();
        let mut rest = named.segments.as_slice();
        match rest.first()?.as_str() {
            "crate" | "rollcall" => here.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    here.pop();
                    rest = &rest[1..];
                }
                here.extend_from_slice(rest);
                return Some(here);
            }
            _ => return None,
        }
        here.extend_from_slice(&rest[1..]);
        Some(here)
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at).map(|token| &token.kind) {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub fn is_mark(&self, at: usize, mark: &str) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: Kind::Mark(found), .. }) if *found == mark)
    }

    pub fn is_other(&self, at: usize, other: char) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: Kind::Other(found), .. }) if *found == other)
    }

    /// The places where these words follow each other, `::` and `.` between them left out of account.
    pub fn sequences<'a>(&'a self, words: &'a [&'a str]) -> impl Iterator<Item = &'a Token> {
        let plain: Vec<&Token> = self
            .tokens
            .iter()
            .filter(|token| !matches!(token.kind, Kind::Mark("::") | Kind::Other('.')))
            .collect();
        (0..plain.len().saturating_sub(words.len() - 1)).filter_map(move |at| {
            let matches = words
                .iter()
                .zip(&plain[at..])
                .all(|(word, token)| matches!(&token.kind, Kind::Word(found) if found == word));
            matches.then_some(plain[at])
        })
    }

    fn path_at(&self, at: usize, found: &mut Vec<Named>) -> usize {
        let line = self.tokens[at].line;
        let mut segments = vec![self.word(at).unwrap_or_default().to_owned()];
        let mut next = at + 1;
        while self.is_mark(next, "::") {
            let Some(word) = self.word(next + 1) else { break };
            segments.push(word.to_owned());
            next += 2;
        }
        if segments.len() > 1 {
            found.push(Named { line, segments });
        }
        next
    }

    fn use_tree(&self, mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
        let mut segments = prefix.to_vec();
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        loop {
            if self.is_mark(at, "::") {
                at += 1;
            } else if self.is_other(at, '{') {
                at += 1;
                while !self.is_other(at, '}') && at < self.tokens.len() {
                    at = self.use_tree(at, &segments, found);
                    if self.is_other(at, ',') {
                        at += 1;
                    }
                }
                return at + 1;
            } else if self.word(at) == Some("as") {
                at += 2;
            } else if let Some(word) = self.word(at) {
                segments.push(word.to_owned());
                at += 1;
            } else if self.is_other(at, '*') {
                at += 1;
            } else {
                break;
            }
        }
        if segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        found.push(Named { line, segments });
        at
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the package") {
        let path = entry.expect("readable").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inner = path.strip_prefix(root()).expect("below the package");
            paths.push(inner.to_str().expect("a plain name").replace('\\', "/"));
        }
    }
}

/// Leaves out each item under `#[cfg(test)]`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mark: Vec<Kind> = vec![
        Kind::Other('#'),
        Kind::Other('['),
        Kind::Word("cfg".into()),
        Kind::Other('('),
        Kind::Word("test".into()),
        Kind::Other(')'),
        Kind::Other(']'),
    ];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().take(mark.len()).map(|token| &token.kind);
        if here.eq(mark.iter()) {
            at = end_of_item(&tokens, at + mark.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the `;` or the closing brace that ends the item.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < tokens.len() {
        match tokens[at].kind {
            Kind::Other('{' | '(' | '[') => depth += 1,
            Kind::Other('}' | ')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = matches!(tokens[at].kind, Kind::Other('}' | ';')) && depth == 0;
        at += 1;
        if ends {
            break;
        }
    }
    at
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: text, line: 1, tokens: Vec::new() };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    lexer.tokens
}

impl Lexer<'_> {
    fn step(&mut self) {
        let first = self.rest.chars().next().unwrap_or_default();
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = raw_string(self.rest) {
            self.raw_string(hashes);
        } else if self.rest.starts_with("b\"") || self.rest.starts_with("c\"") {
            self.skip(1);
            self.string();
        } else if first == '"' {
            self.string();
        } else if first == '\'' {
            self.quote();
        } else if first.is_alphanumeric() || first == '_' {
            let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
            self.push(Kind::Word(self.rest[..end].to_owned()), end);
        } else if self.rest.starts_with("::") {
            self.push(Kind::Mark("::"), 2);
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.push(Kind::Other(first), first.len_utf8());
        }
    }

    fn push(&mut self, kind: Kind, bytes: usize) {
        self.tokens.push(Token { line: self.line, kind });
        self.skip(bytes);
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.rest[..bytes].matches('\n').count();
        self.rest = &self.rest[bytes..];
    }

    fn block_comment(&mut self) {
        let (mut depth, mut at) = (0usize, 0);
        loop {
            let rest = &self.rest[at..];
            if rest.starts_with("/*") {
                depth += 1;
                at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                at += 2;
            } else if let Some(next) = rest.chars().next() {
                at += next.len_utf8();
            } else {
                depth = 0;
            }
            if depth == 0 {
                return self.skip(at);
            }
        }
    }

    fn string(&mut self) {
        let mut text = String::new();
        let mut escaped = false;
        let mut end = self.rest.len();
        for (at, c) in self.rest.char_indices().skip(1) {
            match (escaped, c) {
                (false, '"') => {
                    end = at + 1;
                    break;
                }
                (false, '\\') => escaped = true,
                (true, _) => {
                    escaped = false;
                    text.push(' ');
                }
                _ => text.push(c),
            }
        }
        self.push(Kind::Text(text), end);
    }

    fn raw_string(&mut self, hashes: usize) {
        let open = self.rest.find('"').unwrap_or_default() + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        let length = self.rest[open..].find(&close).unwrap_or(self.rest.len() - open);
        let text = self.rest[open..open + length].to_owned();
        let end = (open + length + close.len()).min(self.rest.len());
        self.push(Kind::Text(text), end);
    }

    /// A character, or a lifetime's mark.
    fn quote(&mut self) {
        let after = &self.rest[1..];
        let mut inner = after.chars();
        match (inner.next(), inner.next()) {
            (Some('\\'), Some(escaped)) => {
                let from = 2 + escaped.len_utf8();
                let end = self.rest[from..].find('\'').map_or(self.rest.len(), |at| from + at + 1);
                self.skip(end);
            }
            (Some(c), Some('\'')) => self.skip(2 + c.len_utf8()),
            _ => self.skip(1),
        }
    }
}

/// How many `#` open a raw string here, if one begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after =
        rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.chars().take_while(|c| *c == '#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}
