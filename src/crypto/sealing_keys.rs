//! The keys that seal values at rest: read from an environment variable or a mounted file, or made on the first start.
//!
//! The text form has one key a line, `id:base64 of 32 bytes`, the current one first; empty lines and lines that start with `#`
//! are skipped. To rotate without downtime: add a new key as the *last* line on every node, then move it to the front on every
//! node, let the values be sealed again (see [`super::seal::Sealer::needs_resealing`]), then remove the old line.
//!
//! No key for another purpose is derived from these: other keys are random and stored sealed, so each can be replaced alone.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::random::random_bytes;

const KEY_BYTES: usize = 32;
const MAX_ID_LENGTH: usize = 32;
/// A file larger than this is not a key file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// At least one key; the first seals.
#[derive(Clone)]
pub struct SealingKeys {
    keys: Vec<(String, Zeroizing<[u8; KEY_BYTES]>)>,
}

/// Why there are no keys. Messages never contain key text.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeysError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: mode {mode:04o} lets others read the sealing keys; allow only the owner (chmod 600)", path.display())]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("{}: mode {mode:04o} lets others replace the sealing keys; allow only the owner (chmod 700)", path.display())]
    ReplaceableByOthers { path: PathBuf, mode: u32 },
    #[error("sealing keys, line {line}: {reason}")]
    Malformed { line: usize, reason: &'static str },
    #[error("there is no sealing key")]
    Empty,
}

impl SealingKeys {
    /// One key that came from elsewhere.
    pub fn single(id: &str, bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self { keys: vec![(id.to_owned(), bytes)] }
    }

    /// Reads the file, or creates it with one fresh key when there is none. The folder is created with mode 0700, the file with
    /// 0600; when several processes start at once, all of them read the one file that came first.
    pub fn load_or_create(path: &Path) -> Result<Self, SealingKeysError> {
        match Self::load(path) {
            Err(SealingKeysError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                create(path, &Self::generate())?;
                Self::load(path)
            }
            loaded => loaded,
        }
    }

    /// Reads an existing file; refuses one that others may read or replace.
    pub fn load(path: &Path) -> Result<Self, SealingKeysError> {
        let io = |source| SealingKeysError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        // Asked of the open file: what is judged is what is read.
        let metadata = file.metadata().map_err(io)?;
        if metadata.mode() & 0o077 != 0 {
            return Err(SealingKeysError::ReadableByOthers { path: path.to_owned(), mode: metadata.mode() & 0o7777 });
        }
        refuse_shared_folder(path)?;
        if metadata.len() > MAX_FILE_BYTES {
            return Err(io(io::Error::new(io::ErrorKind::InvalidData, "too large for a key file")));
        }
        let mut text = Zeroizing::new(String::with_capacity(1024));
        (&mut file).take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(io)?;
        Self::from_text(&text)
    }

    /// Reads the text form.
    pub fn from_text(text: &str) -> Result<Self, SealingKeysError> {
        let mut keys: Vec<(String, Zeroizing<[u8; KEY_BYTES]>)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let malformed = |reason| SealingKeysError::Malformed { line: line_number, reason };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, encoded) = line.split_once(':').ok_or_else(|| malformed("expected `id:base64`"))?;
            let id = id.trim();
            if !is_key_id(id) {
                return Err(malformed("an id has 1 to 32 letters, digits, hyphens or underscores"));
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err(malformed("this id is already taken by an earlier line"));
            }
            let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed("the key is not base64"))?;
            let bytes = <[u8; KEY_BYTES]>::try_from(Zeroizing::new(decoded).as_slice())
                .map_err(|_| malformed("a key has 32 bytes"))?;
            keys.push((id.to_owned(), Zeroizing::new(bytes)));
        }
        if keys.is_empty() { Err(SealingKeysError::Empty) } else { Ok(Self { keys }) }
    }

    /// One fresh key.
    pub fn generate() -> Self {
        let suffix = u32::from_be_bytes(random_bytes());
        Self { keys: vec![(format!("k{suffix:08x}"), Zeroizing::new(random_bytes()))] }
    }

    /// The same keys behind a fresh current one.
    #[must_use]
    pub fn rotated(&self) -> Self {
        let mut keys = Self::generate().keys;
        keys.extend(self.keys.iter().cloned());
        Self { keys }
    }

    /// The text form, to be written to a file or handed to an operator.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = String::with_capacity(80 * self.keys.len());
        for (id, bytes) in &self.keys {
            text.push_str(id);
            text.push(':');
            STANDARD.encode_string(bytes.as_slice(), &mut text);
            text.push('\n');
        }
        Zeroizing::new(text)
    }

    /// Writes the file anew, in one step: a reader sees the old keys or the new ones.
    pub fn store(&self, path: &Path) -> Result<(), SealingKeysError> {
        let temporary = write_beside(path, self)?;
        fs::rename(&temporary, path)
            .and_then(|()| sync_folder(path))
            .map_err(|source| SealingKeysError::Io { path: path.to_owned(), source })
    }

    /// Ids, current first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(id, _)| id.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8; KEY_BYTES])> {
        self.keys.iter().map(|(id, bytes)| (id.as_str(), &**bytes))
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

fn is_key_id(id: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Puts the file in place unless another process did so first; that is no error.
fn create(path: &Path, keys: &SealingKeys) -> Result<(), SealingKeysError> {
    if let Some(folder) = folder_of(path) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| SealingKeysError::Io { path: folder.to_owned(), source })?;
    }
    let temporary = write_beside(path, keys)?;
    // A link, unlike a rename, never replaces what is already there, and what appears is complete.
    let linked = fs::hard_link(&temporary, path);
    let _ = fs::remove_file(&temporary);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(SealingKeysError::Io { path: path.to_owned(), source: error })
        }
        _ => sync_folder(path).map_err(|source| SealingKeysError::Io { path: path.to_owned(), source }),
    }
}

/// Writes the keys to a new file in the same folder, to the disk, and gives its path.
fn write_beside(path: &Path, keys: &SealingKeys) -> Result<PathBuf, SealingKeysError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:016x}.new", u64::from_be_bytes(random_bytes())));
    let temporary = path.with_file_name(name);
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).and_then(|mut file| {
        file.write_all(keys.to_text().as_bytes())?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(temporary),
        Err(source) => {
            let _ = fs::remove_file(&temporary);
            Err(SealingKeysError::Io { path: temporary, source })
        }
    }
}

fn refuse_shared_folder(path: &Path) -> Result<(), SealingKeysError> {
    let folder = folder_of(path).unwrap_or(Path::new("."));
    let metadata = fs::metadata(folder).map_err(|source| SealingKeysError::Io { path: folder.to_owned(), source })?;
    // The sticky bit keeps others from replacing a file that is not theirs.
    if metadata.mode() & 0o022 != 0 && metadata.mode() & 0o1000 == 0 {
        return Err(SealingKeysError::ReplaceableByOthers { path: folder.to_owned(), mode: metadata.mode() & 0o7777 });
    }
    Ok(())
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder of its own, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("karat-sealing-{:016x}", u64::from_be_bytes(random_bytes()));
            let path = std::env::temp_dir().join(name);
            fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_first_start_creates_a_private_file_and_the_next_reads_it() {
        let folder = Folder::new();
        let path = folder.0.join("keys").join("sealing");
        let first = SealingKeys::load_or_create(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let second = SealingKeys::load_or_create(&path).unwrap();
        assert_eq!(first.to_text(), second.to_text());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn processes_that_start_at_once_end_with_the_same_key() {
        let folder = Folder::new();
        let path = folder.0.join("sealing");
        let texts: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SealingKeys::load_or_create(&path).unwrap().to_text().to_string()))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(texts.iter().all(|text| *text == texts[0]));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("sealing");
        SealingKeys::generate().store(&path).unwrap();
        for open in [0o604, 0o640, 0o660, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            let refused = SealingKeys::load_or_create(&path);
            assert!(
                matches!(refused, Err(SealingKeysError::ReadableByOthers { mode, .. }) if mode == open),
                "{open:o}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(SealingKeys::load_or_create(&path).is_ok());
    }

    #[test]
    fn a_folder_that_others_may_write_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("sealing");
        SealingKeys::generate().store(&path).unwrap();
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(SealingKeys::load(&path), Err(SealingKeysError::ReplaceableByOthers { mode: 0o777, .. })));
    }

    #[test]
    fn storing_replaces_the_keys_and_keeps_the_file_private() {
        let folder = Folder::new();
        let path = folder.0.join("sealing");
        let keys = SealingKeys::load_or_create(&path).unwrap();
        let rotated = keys.rotated();
        rotated.store(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        let read = SealingKeys::load(&path).unwrap();
        assert_eq!(read.to_text(), rotated.to_text());
        assert_eq!(read.ids().last(), keys.ids().next());
    }

    #[test]
    fn text_is_read_with_comments_and_refused_with_the_line_of_the_mistake() {
        let key = STANDARD.encode([5; 32]);
        let good = SealingKeys::from_text(&format!("# made in spring\n\n  a-1:{key} \nb_2 : {key}\n")).unwrap();
        assert_eq!(good.ids().collect::<Vec<_>>(), ["a-1", "b_2"]);

        let long_id = "x".repeat(33);
        let wrong = [
            format!("a:{key}\nb"),
            format!("a:{key}\na:{key}"),
            format!("a:{key}\n:{key}"),
            format!("a:{key}\nb/../c:{key}"),
            format!("a:{key}\n{long_id}:{key}"),
            format!("a:{key}\nb:{}", STANDARD.encode([5; 31])),
            format!("a:{key}\nb:not base64!"),
        ];
        for text in wrong {
            let error = SealingKeys::from_text(&text).unwrap_err();
            assert!(matches!(error, SealingKeysError::Malformed { line: 2, .. }), "{text}: {error}");
            assert!(!error.to_string().contains(&key));
        }
        assert!(matches!(SealingKeys::from_text("# nothing\n"), Err(SealingKeysError::Empty)));
    }

    #[test]
    fn keys_print_as_their_ids() {
        let keys = SealingKeys::generate();
        let text = keys.to_text();
        let (id, secret) = text.trim().split_once(':').unwrap();
        assert_eq!(format!("{keys:?}"), format!("[{id:?}]"));
        assert!(!format!("{keys:?}").contains(secret));
    }
}
