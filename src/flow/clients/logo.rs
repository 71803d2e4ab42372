//! Logos of clients, kept by us so that a log-in page never asks another host for a picture (which would tell it who logs
//! in when).

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use aws_lc_rs::digest::SHA256;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::storage::clients::Logo;

const LARGEST: u64 = 64 << 10;
/// Of an upload: what is kept of it is small, whatever it was.
pub const LARGEST_UPLOAD: usize = 256 << 10;
/// Of what is drawn: a picture of a few bytes can stand for gigabytes.
const MOST_PIXELS_A_SIDE: u32 = 2_048;
const MEMORY: u64 = 48 << 20;
/// Of what is kept: four times what pages show it at, for fine screens.
const LONGEST_SIDE: u32 = 192;
/// Of the digest that names it.
const NAMED_BY: usize = 8;

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
    #[error("is no PNG, JPEG or WebP picture that can be read")]
    Undrawable,
    #[error("is larger than 256 KiB, or than 2048 pixels on a side")]
    TooMuch,
}

/// What somebody uploads, decoded and written anew at the size that pages show: what is kept holds nothing but pixels. An SVG is a document
/// and no picture: whoever wants one puts it into the configuration. Works for a while: let [`Pictures::in_turn`] do it.
///
/// [`Pictures::in_turn`]: crate::flow::kyc::pictures::Pictures::in_turn
pub fn drawn(upload: &[u8]) -> Result<Logo, LogoRefused> {
    if upload.len() > LARGEST_UPLOAD {
        return Err(LogoRefused::TooMuch);
    }
    let reader = ImageReader::new(Cursor::new(upload)).with_guessed_format();
    let mut reader = reader.map_err(|_| LogoRefused::Undrawable)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(LogoRefused::Undrawable);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| LogoRefused::Undrawable)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MOST_PIXELS_A_SIDE || decoder.total_bytes() > MEMORY {
        return Err(LogoRefused::TooMuch);
    }
    let orientation = decoder.orientation().map_err(|_| LogoRefused::Undrawable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| LogoRefused::Undrawable)?;
    if width.max(height) > LONGEST_SIDE {
        picture = picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::CatmullRom);
    }
    picture.apply_orientation(orientation);
    let mut bytes = Cursor::new(Vec::new());
    // Sixteen bits a channel are for nobody's eyes.
    let flat = DynamicImage::ImageRgba8(picture.into_rgba8());
    flat.write_to(&mut bytes, ImageFormat::Png).map_err(|_| LogoRefused::Undrawable)?;
    Ok(Logo { bytes: bytes.into_inner(), media_type: "image/png".to_owned() })
}

/// Names a logo: another one has another name.
pub fn digest(logo: &Logo) -> String {
    let digest = aws_lc_rs::digest::digest(&SHA256, &logo.bytes);
    digest.as_ref().iter().take(NAMED_BY).map(|byte| format!("{byte:02x}")).collect()
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

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn an_upload_is_drawn_anew_and_small() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            for (size, kept) in [((100, 40), (100, 40)), ((384, 192), (192, 96))] {
                let mut upload = encoded(size.0, size.1, format);
                upload.extend_from_slice(b"<script>alert(1)</script>");
                let logo = drawn(&upload).unwrap();
                assert_eq!(logo.media_type, "image/png");
                assert_eq!(image::load_from_memory(&logo.bytes).unwrap().into_rgb8().dimensions(), kept, "{format:?}");
                assert!(!logo.bytes.windows(8).any(|window| window == b"<script>"), "{format:?}");
                assert_eq!(digest(&logo).len(), 16);
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_not_drawn_whatever_it_calls_itself() {
        let good = encoded(100, 100, ImageFormat::Png);
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec();
        for (name, upload) in [
            ("nothing", Vec::new()),
            ("a drawing that can run scripts", svg),
            ("an animation", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
            ("a page behind four bytes", b"\x89PNG<html><script>alert(1)</script>".to_vec()),
            ("half a picture", good[..good.len() / 2].to_vec()),
        ] {
            assert!(matches!(drawn(&upload), Err(LogoRefused::Undrawable)), "{name}");
        }
        assert!(matches!(drawn(&encoded(2_049, 10, ImageFormat::Png)), Err(LogoRefused::TooMuch)));
    }

    #[test]
    fn an_upload_that_is_too_large_is_not_looked_at() {
        let refused = drawn(&vec![0; LARGEST_UPLOAD + 1]);
        assert!(matches!(refused, Err(LogoRefused::TooMuch)));
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
