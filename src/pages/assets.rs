//! Style sheet, scripts and icon, embedded in the binary and served under names that hold a hash of their content, so that browsers may keep
//! them for ever (`Cache-Control: public, max-age=31536000, immutable`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// One file as it is served.
#[derive(Clone, Debug)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: &'static str,
}

/// The folder of the URL space that assets are served from.
pub const PREFIX: &str = "/assets/";

static TABLE: LazyLock<Table> = LazyLock::new(Table::build);

struct Table {
    by_hashed_name: BTreeMap<String, Asset>,
    urls: BTreeMap<String, String>,
}

/// The asset for the part of the path behind `/assets/`, for example `karat.1f0c9a77d2b4e6a8.css`. `None` for anything else, also for
/// a name with another hash: an old page must not get a new style.
pub fn lookup(hashed_name: &str) -> Option<&'static Asset> {
    TABLE.by_hashed_name.get(hashed_name)
}

/// The URL path of an asset by its plain name: `karat.css` -> `/assets/karat.<hash>.css`.
pub fn url(name: &str) -> Option<&'static str> {
    TABLE.urls.get(name).map(String::as_str)
}

impl Table {
    fn build() -> Self {
        let mut table = Self { by_hashed_name: BTreeMap::new(), urls: BTreeMap::new() };
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let Some((stem, extension)) = name.rsplit_once('.') else { continue };
            let hash: String = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let hashed_name = format!("{stem}.{hash}.{extension}");
            table.urls.insert(name.to_string(), format!("{PREFIX}{hashed_name}"));
            table.by_hashed_name.insert(hashed_name, Asset { bytes: file.data, content_type: content_type(extension) });
        }
        table
    }
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_under_its_hashed_name_only() {
        let path = url("karat.css").expect("the style sheet exists");
        let hashed = path.strip_prefix(PREFIX).expect("below /assets/");
        assert_eq!(lookup(hashed).map(|asset| asset.content_type), Some("text/css; charset=utf-8"));
        assert!(lookup("karat.css").is_none());
        assert!(lookup("karat.0000000000000000.css").is_none());
        assert!(lookup("../Cargo.toml").is_none());
    }
}
