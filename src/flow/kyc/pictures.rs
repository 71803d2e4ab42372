//! What a person uploads: judged by its content, never by its name or what the browser says of it.
//!
//! A picture is decoded, turned upright, and written anew: what is kept holds nothing but pixels, neither where it was taken nor
//! anything that something else than a picture viewer could run. A PDF stays as it is, and is never opened here.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use tokio::sync::Semaphore;

use crate::domain::kyc::{DocumentKind, MediaType};
use crate::domain::time::Seconds;
use crate::flow::Failure;

/// What is kept, at most, of each side: enough to read a passport by.
const LONGEST_SIDE: u32 = 2_560;
/// Nothing is legible on less.
const SHORTEST_SIDE: u32 = 240;
/// No camera makes more on a side; a bomb does.
const MOST_PIXELS_A_SIDE: u32 = 12_000;
const MOST_PIXELS: u64 = 64_000_000;
const MOST_BYTES: u64 = 200 << 20;
const MEMORY: u64 = 400 << 20;
const QUALITY: u8 = 88;
/// Uploads that wait for their turn.
const QUEUE: usize = 16;

/// One picture at a time: each takes a processor for a while, and hundreds of megabytes.
#[derive(Clone)]
pub struct Pictures {
    waiting: Arc<Semaphore>,
    working: Arc<Semaphore>,
}

/// Fit to be kept.
pub struct Prepared {
    pub kind: DocumentKind,
    pub media_type: MediaType,
    pub content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("neither a picture that can be read, nor a paper of an accepted kind")]
    Unreadable,
    #[error("larger than what is taken")]
    TooLarge,
    #[error("too few pixels to read anything on it")]
    TooSmall,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { waiting: Arc::new(Semaphore::new(QUEUE)), working: Arc::new(Semaphore::new(1)) }
    }
}

impl Pictures {
    /// Judges an upload of at most `limit` bytes and makes of it what is kept.
    pub async fn prepare(
        &self,
        kind: DocumentKind,
        upload: Vec<u8>,
        limit: usize,
    ) -> Result<Result<Prepared, Unfit>, Failure> {
        if upload.len() > limit {
            return Ok(Err(Unfit::TooLarge));
        }
        if kind.may_be_pdf() && is_pdf(&upload) {
            return Ok(Ok(Prepared { kind, media_type: MediaType::Pdf, content: upload }));
        }
        let made = self.in_turn(move || rewritten(&upload)).await?;
        Ok(made.map(|content| Prepared { kind, media_type: MediaType::Jpeg, content }))
    }

    /// Works on a picture when no other one is worked on; "later" when too many wait.
    pub async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let busy = || Failure::Later { retry_after: Seconds(5), cause: "too many pictures at once".into() };
        let waits = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| busy())?;
        let place = Arc::clone(&self.working).acquire_owned().await.map_err(Failure::fault)?;
        let made = tokio::task::spawn_blocking(move || {
            let made = work();
            drop((place, waits));
            made
        });
        made.await.map_err(Failure::fault)
    }
}

/// Upright, without metadata, as JPEG.
fn rewritten(upload: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut reader = ImageReader::new(Cursor::new(upload)).with_guessed_format().map_err(|_| Unfit::Unreadable)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(Unfit::Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS_A_SIDE);
    limits.max_image_height = Some(MOST_PIXELS_A_SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unfit::Unreadable)?;
    let (width, height) = decoder.dimensions();
    // The limits above bind what a decoder takes for itself, not the picture that it fills.
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(Unfit::TooLarge);
    }
    if width.min(height) < SHORTEST_SIDE {
        return Err(Unfit::TooSmall);
    }
    let orientation = decoder.orientation().map_err(|_| Unfit::Unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Unfit::Unreadable)?;
    if width.max(height) > LONGEST_SIDE {
        picture = picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    let mut written = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut written, QUALITY);
    on_white(picture).write_with_encoder(encoder).map_err(|_| Unfit::Unreadable)?;
    Ok(written)
}

/// JPEG knows no transparency.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let clear = picture.into_rgba8();
    RgbImage::from_fn(clear.width(), clear.height(), |x, y| {
        let [red, green, blue, alpha] = clear.get_pixel(x, y).0;
        let over = |value: u8| {
            let mixed = (u16::from(value) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

/// By its first and its last words (ISO 32000-1 sections 7.5.2 and 7.5.5): nothing stands before the one, and only little after the other.
fn is_pdf(upload: &[u8]) -> bool {
    let tail = &upload[upload.len().saturating_sub(1_024)..];
    upload.starts_with(b"%PDF-") && tail.windows(5).any(|window| window == b"%%EOF")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn photo(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
        }))
    }

    fn size(jpeg: &[u8]) -> (u32, u32) {
        let reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
        reader.into_dimensions().unwrap()
    }

    #[test]
    fn every_accepted_format_comes_out_as_jpeg_and_a_large_one_smaller() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let kept = rewritten(&encoded(&photo(400, 300), format)).unwrap();
            assert!(kept.starts_with(&[0xff, 0xd8, 0xff]), "{format:?}");
            assert_eq!(size(&kept), (400, 300), "{format:?}");
        }
        let kept = rewritten(&encoded(&photo(5_120, 400), ImageFormat::Jpeg)).unwrap();
        assert_eq!(size(&kept), (2_560, 200));
    }

    #[test]
    fn what_hides_in_a_picture_does_not_survive() {
        let mut upload = encoded(&photo(300, 300), ImageFormat::Jpeg);
        // An EXIF segment that says "turn it by 90 degrees", a comment, and a page behind the picture.
        let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let comment = b"\xff\xfe\x00\x14taken at my home!!";
        upload.splice(2..2, exif.iter().chain(comment).copied());
        upload.extend_from_slice(b"<script>alert(1)</script>");
        let kept = rewritten(&upload).unwrap();
        for hidden in [&b"Exif"[..], b"my home", b"<script>"] {
            assert!(upload.windows(hidden.len()).any(|window| window == hidden), "it was there");
            assert!(!kept.windows(hidden.len()).any(|window| window == hidden), "{hidden:?}");
        }
    }

    #[test]
    fn a_picture_that_lies_on_its_side_is_turned() {
        let mut upload = encoded(&photo(400, 300), ImageFormat::Jpeg);
        let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        upload.splice(2..2, exif.iter().copied());
        assert_eq!(size(&rewritten(&upload).unwrap()), (300, 400));
    }

    #[test]
    fn what_is_no_picture_is_refused_whatever_it_calls_itself() {
        let good = encoded(&photo(300, 300), ImageFormat::Png);
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
        for (name, upload) in [
            ("nothing", Vec::new()),
            ("text", b"hello".to_vec()),
            ("a drawing that can run scripts", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
            ("a format nobody needs", gif),
            ("half a picture", good[..good.len() / 2].to_vec()),
            ("a paper", b"%PDF-1.7\n%%EOF".to_vec()),
        ] {
            assert_eq!(rewritten(&upload), Err(Unfit::Unreadable), "{name}");
        }
        assert_eq!(rewritten(&encoded(&photo(300, 100), ImageFormat::Png)), Err(Unfit::TooSmall));
    }

    #[test]
    fn a_picture_of_more_pixels_than_memory_is_refused_before_it_is_decoded() {
        // A PNG that says it is 11 000 pixels on each side, and one of 60 000.
        let mut upload = encoded(&photo(300, 300), ImageFormat::Png);
        for side in [11_000_u32, 60_000] {
            upload[16..20].copy_from_slice(&side.to_be_bytes());
            upload[20..24].copy_from_slice(&side.to_be_bytes());
            let crc = crc32(&upload[12..29]);
            upload[29..33].copy_from_slice(&crc.to_be_bytes());
            assert!(rewritten(&upload).is_err(), "{side}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    }

    #[tokio::test]
    async fn papers_may_be_pdf_faces_may_not() {
        let pictures = Pictures::default();
        let pdf = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n".to_vec();
        let kept = pictures.prepare(DocumentKind::AddressProof, pdf.clone(), 1_000).await.unwrap().unwrap();
        assert_eq!((kept.media_type, &kept.content), (MediaType::Pdf, &pdf));
        let refused = pictures.prepare(DocumentKind::Selfie, pdf.clone(), 1_000).await.unwrap();
        assert_eq!(refused.err(), Some(Unfit::Unreadable));
        let refused = pictures.prepare(DocumentKind::AddressProof, pdf, 10).await.unwrap();
        assert_eq!(refused.err(), Some(Unfit::TooLarge));
        let behind = [b"MZ".as_slice(), b"%PDF-1.7\n%%EOF"].concat();
        let refused = pictures.prepare(DocumentKind::AddressProof, behind, 1_000).await.unwrap();
        assert_eq!(refused.err(), Some(Unfit::Unreadable));
    }
}
