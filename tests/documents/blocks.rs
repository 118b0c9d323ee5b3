//! Generated blocks in Markdown, between `<!-- name: generated … -->` and `<!-- end of name -->`.

use std::fs;

use crate::architecture::root;

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages that people write, by path.
pub fn written_pages() -> Vec<(String, String)> {
    let mut pages = vec!["README.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).expect("there are docs") {
        let name = entry.expect("readable").file_name().into_string().expect("a plain name");
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    pages.into_iter().map(|page| (page.clone(), read(&page))).collect()
}

/// The block must hold this text; with `UPDATE_DOCS` set it is written instead.
pub fn hold(path: &str, name: &str, wanted: &str) {
    let page = read(path);
    let begin =
        format!("<!-- {name}: generated; `UPDATE_DOCS=1 cargo test --test it documents` renews it -->\n");
    let end = format!("\n<!-- end of {name} -->");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{path} has no block `{name}`"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{path}: `{name}` doesn't end"));
    if found == wanted {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), format!("{before}{begin}{wanted}{end}{after}"))
            .expect("it can be written");
        return;
    }
    let first =
        wanted.lines().find(|line| !found.lines().any(|other| other == *line)).unwrap_or("(lines too many)");
    panic!(
        "{path}: `{name}` differs from the code, first in\n{first}\nRenew it with UPDATE_DOCS=1 cargo test --test it documents"
    );
}
