//! The rule of the house: a floor imports only from the floors below it, in the order that the docs of `src/lib.rs` give;
//! and `domain` knows nothing of databases, sockets or runtimes.
//!
//! Reads the sources as text: every path that starts with `crate::` (or climbs there with `super::`), in `use` lines and
//! elsewhere, comments and strings left out.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "architecture/documentation.rs"]
mod documentation;

/// Crates that do I/O.
const BARRED_FROM_DOMAIN: [&str; 6] = ["sqlx", "rusqlite", "axum", "tokio", "redis", "reqwest"];

#[test]
fn every_floor_imports_only_from_the_floors_below_it() {
    let house = House::of(&source("src/lib.rs"));
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    assert!(files.len() > 20, "only {} files found: is the test looking in the right place?", files.len());
    let violations: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(root()).unwrap().to_str().unwrap();
            house.violations(name, &source(name))
        })
        .collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn every_module_of_the_crate_is_a_floor() {
    let library = source("src/lib.rs");
    let house = House::of(&library);
    for line in library.lines() {
        if let Some(module) = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")) {
            let module = module.trim_end_matches([';', ' ', '{']);
            assert!(
                house.height(module).is_some(),
                "src/lib.rs declares `{module}`, which its floor map does not name"
            );
        }
    }
}

/// What a person is worth to apps is changed by a finding, and who they are by a decided case: there is no third door.
#[test]
fn a_standing_and_an_identity_are_each_written_in_one_place() {
    // `due.rs` writes back what it read, with another day on which to look again.
    assert_eq!(calling(".set_kyc_standing("), ["src/flow/kyc/due.rs", "src/flow/kyc/record.rs"]);
    assert_eq!(calling(".set_identity("), ["src/flow/kyc/verdict.rs"]);
    assert_eq!(calling("SET kyc ="), ["src/storage/kyc/mod.rs"]);
}

/// At the command line everything is allowed: no request may come by that authority.
#[test]
fn only_the_command_line_acts_as_the_operator() {
    let all = calling("Authority::operator()");
    assert!(all.len() > 1 && all.iter().all(|file| file.starts_with("src/cli/")), "{all:?}");
}

/// The files that hold a text, sorted.
fn calling(text: &str) -> Vec<String> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let calls = files.iter().filter(|file| fs::read_to_string(file).unwrap().contains(text));
    let mut calls: Vec<_> = calls.map(|file| file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect();
    calls.sort_unstable();
    calls
}

#[test]
fn planted_violations_are_caught_with_file_and_line() {
    let house =
        House::of("//! ```text\n//! http  pages\n//! flow  use cases\n//! storage  rows\n//! domain  pure\n//! ```\n");
    let caught = |file: &str, text: &str| house.violations(file, text);

    let upwards = caught("src/storage/users.rs", "use std::fmt;\nuse crate::flow::login;\n");
    assert_eq!(upwards, ["src/storage/users.rs:2: storage imports from flow, which is above it"]);

    let in_a_group =
        caught("src/flow/mod.rs", "use crate::{\n    domain::scope::{Scope, http},\n    http::pages,\n};\n");
    assert_eq!(in_a_group, ["src/flow/mod.rs:3: flow imports from http, which is above it"]);

    let in_an_expression = caught("src/domain/mod.rs", "fn f() {\n    crate::storage::open();\n}\n");
    assert_eq!(in_an_expression, ["src/domain/mod.rs:2: domain imports from storage, which is above it"]);

    let by_climbing = caught("src/storage/users/rows.rs", "use super::super::super::flow::login;");
    assert_eq!(by_climbing, ["src/storage/users/rows.rs:1: storage imports from flow, which is above it"]);

    let input_output = caught("src/domain/user.rs", "#[derive(sqlx::FromRow)]\nstruct User;\nuse tokio;\n");
    assert_eq!(
        input_output,
        ["src/domain/user.rs:1: domain uses the crate sqlx", "src/domain/user.rs:3: domain uses the crate tokio"]
    );
}

#[test]
fn what_is_allowed_is_let_through() {
    let house =
        House::of("//! ```text\n//! http  pages\n//! flow  use cases\n//! storage  rows\n//! domain  pure\n//! ```\n");
    for (file, text) in [
        ("src/http/login.rs", "use crate::{flow::login, domain::user::User, http::pages};"),
        ("src/storage/users.rs", "use super::Db;\nuse super::super::storage::Error;\nuse sqlx::FromRow;"),
        ("src/storage/users.rs", "// crate::flow\n/* crate::http /* nested */ crate::flow */ fn f<'a>(x: &'a str) {}"),
        (
            "src/storage/users.rs",
            r####"const A: &str = "crate::flow\" crate::http"; const B: &str = r#"crate::"flow""#; const C: char = '"';"####,
        ),
        ("src/main.rs", "use crate::http;"),
        ("src/domain/user.rs", "let redis = 1; let x = self.tokio(redis);"),
    ] {
        assert_eq!(house.violations(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

/// Floors from the top down.
struct House {
    floors: Vec<String>,
}

impl House {
    /// From the `text` block in the docs of `src/lib.rs`: the first word of each line.
    fn of(library: &str) -> Self {
        let block = library
            .lines()
            .map(|line| line.strip_prefix("//!").unwrap_or("").trim())
            .skip_while(|line| *line != "```text")
            .skip(1)
            .take_while(|line| *line != "```");
        let floors: Vec<String> = block.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
        assert_eq!(
            floors.last().map(String::as_str),
            Some("domain"),
            "the floor map of src/lib.rs is not where it was"
        );
        Self { floors }
    }

    fn height(&self, module: &str) -> Option<usize> {
        self.floors.iter().rev().position(|floor| floor == module)
    }

    fn violations(&self, file: &str, text: &str) -> Vec<String> {
        let modules = modules_of(file);
        let Some(floor) = modules.first() else { return Vec::new() };
        let Some(height) = self.height(floor) else { return Vec::new() };
        let tokens = tokens(text);
        let mut found = Vec::new();
        for (line, imported) in paths_from_root(&tokens, modules.len()) {
            if self.height(imported).is_some_and(|other| other > height) {
                found.push(format!("{file}:{line}: {floor} imports from {imported}, which is above it"));
            }
        }
        if *floor == "domain" {
            for (line, name) in crates_used(&tokens) {
                found.push(format!("{file}:{line}: domain uses the crate {name}"));
            }
        }
        found
    }
}

/// `src/storage/users/rows.rs` is the module `storage`, `users`, `rows`. The crate root itself is no floor.
fn modules_of(file: &str) -> Vec<&str> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut modules: Vec<&str> = path.split('/').collect();
    if modules.last() == Some(&"mod") {
        modules.pop();
    }
    if modules == ["main"] || modules == ["lib"] {
        modules.clear();
    }
    modules
}

/// The first segment below the crate root of every path that starts there, with its line. `depth` is how many `super`s
/// lead from the file to the root.
fn paths_from_root<'t>(tokens: &[Token<'t>], depth: usize) -> Vec<(usize, &'t str)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let continues = at > 0 && tokens[at - 1].text == "::";
        let after = match token.text {
            "crate" if !continues => at + 1,
            "super" if !continues => {
                let supers = tokens[at..].chunks(2).take_while(|pair| pair[0].text == "super").count();
                if supers < depth {
                    continue;
                }
                at + 2 * supers - 1
            }
            _ => continue,
        };
        if tokens.get(after).is_some_and(|token| token.text == "::") {
            first_segments(&tokens[after + 1..], &mut found);
        }
    }
    found
}

/// Of `a::b` that is `a`; of `{a::{b, c}, d}` it is `a` and `d`.
fn first_segments<'t>(tokens: &[Token<'t>], found: &mut Vec<(usize, &'t str)>) {
    if tokens.first().is_some_and(|token| token.text != "{") {
        found.push((tokens[0].line, tokens[0].text));
        return;
    }
    let mut nesting = 0;
    let mut starts = false;
    for token in tokens {
        match token.text {
            "{" => {
                nesting += 1;
                starts = nesting == 1;
            }
            "}" => {
                nesting -= 1;
                if nesting == 0 {
                    return;
                }
            }
            "," => starts = nesting == 1,
            name => {
                if starts {
                    found.push((token.line, name));
                }
                starts = false;
            }
        }
    }
}

fn crates_used<'t>(tokens: &[Token<'t>]) -> Vec<(usize, &'t str)> {
    let starts_a_path = |at: usize| {
        let before = at.checked_sub(1).map(|before| tokens[before].text);
        let after = tokens.get(at + 1).map(|token| token.text);
        before != Some("::") && (after == Some("::") || before == Some("use"))
    };
    let barred = |token: &Token| BARRED_FROM_DOMAIN.contains(&token.text);
    tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| barred(token) && starts_a_path(*at))
        .map(|(_, t)| (t.line, t.text))
        .collect()
}

struct Token<'t> {
    line: usize,
    text: &'t str,
}

/// Words, `::` and single signs; comments, strings and character literals are skipped.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (block_comment(rest), false),
            '"' => (string(rest), false),
            'r' if raw_string(rest).is_some() => (raw_string(rest).unwrap_or(1), false),
            '\'' => (character_or_lifetime(rest), false),
            ':' if rest.starts_with("::") => (2, true),
            c if is_word(c) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true),
            c => (c.len_utf8(), !c.is_whitespace()),
        };
        let (token, after) = rest.split_at(length);
        if is_token {
            tokens.push(Token { line, text: token });
        }
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(text: &str) -> usize {
    let mut nesting = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (nesting, at) = (nesting + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (nesting, at) = (nesting - 1, at + 2);
            if nesting == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The length of `r"..."` or `r#"..."#` when the text starts with one.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let open = 1 + hashes;
    text[open..].starts_with('"').then(|| {
        let close = format!("\"{}", "#".repeat(hashes));
        text[open + 1..].find(&close).map_or(text.len(), |at| open + 1 + at + close.len())
    })
}

/// `'x'` and `'\n'` whole; of a lifetime only the apostrophe.
fn character_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, _))) => text[at + 1..].find('\'').map_or(1, |end| at + 1 + end + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}
