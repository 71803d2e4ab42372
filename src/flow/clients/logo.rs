//! Logos of clients, kept by us so that a log-in page never asks another host for a picture (which would tell it who logs
//! in when).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::storage::clients::Logo;

const LARGEST: u64 = 64 << 10;

#[derive(Debug, thiserror::Error)]
pub enum LogoRefused {
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    #[error("is larger than 64 KiB")]
    TooLarge,
    #[error("is neither PNG, JPEG, WebP nor SVG")]
    UnknownType,
    /// An SVG is a document: opened by itself it could run script in our origin.
    #[error("is an SVG with script, event handlers, embedded documents or references to elsewhere")]
    ActiveSvg,
}

pub fn read(path: &Path) -> Result<Logo, LogoRefused> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    judge(bytes)
}

/// The type is told from the content: neither the name of the file nor whoever sent it is believed.
pub fn judge(bytes: Vec<u8>) -> Result<Logo, LogoRefused> {
    if bytes.len() as u64 > LARGEST {
        return Err(LogoRefused::TooLarge);
    }
    let media_type = media_type(&bytes).ok_or(LogoRefused::UnknownType)?;
    if media_type == SVG && !is_still(&bytes) {
        return Err(LogoRefused::ActiveSvg);
    }
    Ok(Logo { bytes, media_type: media_type.to_owned() })
}

const SVG: &str = "image/svg+xml";

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => {
            let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
            let is_svg = text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg"));
            is_svg.then_some(SVG)
        }
    }
}

/// Errs on the side of refusing: a picture needs none of these.
fn is_still(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    const ACTIVE: [&str; 9] = [
        "<script",
        "<foreignobject",
        "<iframe",
        "<embed",
        "<object",
        "<!doctype",
        "<!entity",
        "javascript:",
        "@import",
    ];
    if ACTIVE.iter().any(|mark| compact.contains(mark)) {
        return false;
    }
    let handler = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/')).any(|word| {
        let name: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
        name.len() > 2 && name.starts_with("on") && (word[name.len()..].starts_with('=') || word.len() == name.len())
    });
    // References within the picture begin with `#`.
    let elsewhere = ["href=\"", "href='", "url("].iter().any(|mark| {
        compact.match_indices(mark).any(|(at, _)| {
            let target = compact[at + mark.len()..].trim_start_matches(['"', '\'']);
            !target.starts_with('#') && !target.starts_with("data:image/png") && !target.starts_with("data:image/jpeg")
        })
    });
    !handler && !elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(bytes: &[u8]) -> Option<String> {
        judge(bytes.to_vec()).ok().map(|logo| logo.media_type)
    }

    #[test]
    fn the_type_is_told_from_the_content() {
        assert_eq!(type_of(b"\x89PNG\r\n\x1a\n....").as_deref(), Some("image/png"));
        assert_eq!(type_of(b"\xff\xd8\xff\xe0....").as_deref(), Some("image/jpeg"));
        assert_eq!(type_of(b"RIFF\0\0\0\0WEBPVP8 ").as_deref(), Some("image/webp"));
        let drawn = br##"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>"##;
        assert_eq!(type_of(drawn).as_deref(), Some("image/svg+xml"));
        assert_eq!(type_of(b"<html><script>alert(1)</script></html>"), None);
        assert_eq!(type_of(b"GIF89a"), None);
        assert_eq!(type_of(b""), None);
    }

    #[test]
    fn a_picture_that_is_too_large_is_refused() {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.resize(64 << 10, 0);
        assert!(judge(bytes.clone()).is_ok());
        bytes.push(0);
        assert!(matches!(judge(bytes), Err(LogoRefused::TooLarge)));
    }

    #[test]
    fn an_svg_that_could_act_is_refused() {
        for inner in [
            "<script>alert(1)</script>",
            "<g onload=\"alert(1)\"/>",
            "<g onload = \"alert(1)\"/>",
            "<a href=\"javascript:alert(1)\"/>",
            "<image href='https://evil.test/x.png'/>",
            "<foreignObject/>",
            "<style>@import 'https://evil.test'</style>",
            "<rect fill=\"url(https://evil.test/#x)\"/>",
        ] {
            let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inner}</svg>");
            assert!(matches!(judge(svg.into_bytes()), Err(LogoRefused::ActiveSvg)), "{inner}");
        }
    }
}
