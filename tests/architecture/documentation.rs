//! What the documents name is there: files that are linked or mentioned, functions in the files they are said to be in,
//! tests by their names. So the index from section to function to test (`docs/standards.md`) and the table of threats
//! (`docs/attacks.md`) cannot rot.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{root, rust_files, source};

/// Documents whose tables are an index: after the first column, every word in code style is a file, a function in the
/// file named before it, or a test.
const INDEXES: [&str; 2] = ["docs/standards.md", "docs/attacks.md"];
const FOLDERS: [&str; 7] = ["src/", "tests/", "docs/", "migrations/", "templates/", "locales/", "assets/"];

#[test]
fn every_file_that_a_document_names_is_there() {
    let documents = documents();
    assert!(documents.len() >= 5, "{documents:?}");
    let missing: Vec<String> = documents.iter().flat_map(|document| missing_files(document, &read(document))).collect();
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn every_function_and_test_of_the_indexes_is_there() {
    let tests = tests_of_the_tree();
    assert!(tests.len() > 200, "only {} tests found: is the look-out right?", tests.len());
    let wrong: Vec<String> =
        INDEXES.into_iter().flat_map(|document| wrong_entries(document, &source(document), &tests)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn what_is_not_there_is_noticed() {
    let lost =
        missing_files(&root().join("docs/x.md"), "see `src/nowhere.rs`, `src/lib.rs`, [a](y.md), [b](apps.md#top)");
    assert_eq!(lost, ["docs/x.md:1: src/nowhere.rs", "docs/x.md:1: docs/y.md"]);
    let tests = BTreeSet::from(["a_test_that_is_there".to_owned()]);
    let row = |cells: &str| {
        wrong_entries("docs/x.md", &format!("| rule | where | test |\n|---|---|---|\n| {cells} |\n"), &tests)
    };
    assert_eq!(row("`anything` | `src/app.rs`: `build` | `a_test_that_is_there`"), Vec::<String>::new());
    assert_eq!(
        row("a | `src/app.rs`: `demolish` | `a_test_that_is_there`"),
        ["docs/x.md:3: no `demolish` in src/app.rs"]
    );
    assert_eq!(
        row("a | `src/app.rs` | `a_test_that_is_gone`"),
        ["docs/x.md:3: there is no test `a_test_that_is_gone`"]
    );
    assert_eq!(row("a | `src/app.rs` | "), ["docs/x.md:3: names no test: write `none` and why if there is none"]);
    assert_eq!(row("a | - | none: a later issue"), Vec::<String>::new());
}

/// Links, relative to the document, and paths in code style, relative to the root.
fn missing_files(document: &Path, text: &str) -> Vec<String> {
    let name = shown(document);
    let folder = document.parent().unwrap_or(Path::new(""));
    let mut missing = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        let linked = links.map(|link| folder.join(link.split('#').next().unwrap_or_default()));
        let mentioned = code_spans(line).filter(|span| is_path(span)).map(|span| root().join(span));
        for path in mentioned.chain(linked) {
            if !path.exists() {
                missing.push(format!("{name}:{}: {}", index + 1, shown(&path)));
            }
        }
    }
    missing
}

fn wrong_entries(document: &str, text: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut note = |what: String| wrong.push(format!("{document}:{}: {what}", index + 1));
        let Some(cells) = entry(line, text.lines().nth(index + 1)) else { continue };
        for cell in &cells[1..] {
            let mut file: Option<&str> = None;
            for span in code_spans(cell) {
                if is_path(span) {
                    file = Some(span);
                    continue;
                }
                let named = span.rsplit("::").next().unwrap_or(span);
                match file {
                    Some(file) if !has_word(&read(&root().join(file)), named) => note(format!("no `{span}` in {file}")),
                    None if !tests.contains(named) => note(format!("there is no test `{span}`")),
                    _ => {}
                }
            }
        }
        let last = cells.last().copied().unwrap_or_default();
        if code_spans(last).next().is_none() && !last.starts_with("none") {
            note("names no test: write `none` and why if there is none".to_owned());
        }
    }
    wrong
}

/// The cells of a table's row; neither its head nor the line below that.
fn entry<'a>(line: &'a str, next: Option<&str>) -> Option<Vec<&'a str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let is_rule = |line: &str| line.starts_with("|--");
    (!is_rule(line) && !next.is_some_and(is_rule)).then(|| inner.split('|').map(str::trim).collect())
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_path(span: &str) -> bool {
    FOLDERS.iter().any(|folder| span.starts_with(folder)) && !span.contains([' ', '*', '{', '<'])
}

fn has_word(text: &str, word: &str) -> bool {
    let continues = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !continues(text[..at].chars().next_back()) && !continues(text[at + word.len()..].chars().next()))
}

/// Functions under a test attribute, and the modules of the conformance plans, which a macro makes tests of.
fn tests_of_the_tree() -> BTreeSet<String> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    rust_files(&root().join("tests"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let is_plan = shown(&file).starts_with("tests/oidc/conformance/modules/");
        let mut is_test = false;
        for line in read(&file).lines().map(str::trim) {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            let Some(name) = function_name(line) else { continue };
            if is_test || (is_plan && name.starts_with("oidcc_")) {
                found.insert(name.to_owned());
            }
            is_test = false;
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ").unwrap_or(line);
    let rest = rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "md") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
