//! Writes every sample below `target/previews/`, to be looked at in a browser.

use std::fs;
use std::path::Path;

use karat::pages::{accents, assets};

use crate::samples;

#[test]
fn previews_are_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/previews");
    fs::create_dir_all(folder.join("assets")).expect("folder");
    fs::create_dir_all(folder.join("accents")).expect("folder");
    for name in ["karat.css", "admin.css", "favicon.svg"] {
        let path = assets::url(name).expect("asset");
        let hashed = path.strip_prefix(assets::PREFIX).expect("below /assets/");
        fs::write(folder.join("assets").join(hashed), &assets::lookup(hashed).expect("asset").bytes).expect("written");
    }
    for sample in samples::pages() {
        // Relative, so that the files work opened from disk.
        let html = sample.html.replace("=\"/assets/", "=\"assets/").replace("=\"/accents/", "=\"accents/");
        for name in sample.html.split("=\"/accents/").skip(1).filter_map(|rest| rest.split('"').next()) {
            let colour = format!("#{}", name.trim_end_matches(".css")).parse().expect("a colour");
            fs::write(folder.join("accents").join(name), accents::style(colour)).expect("written");
        }
        assert!(html.contains("=\"assets/"), "{} has no style", sample.name);
        fs::write(folder.join(format!("{}.{}.html", sample.name, sample.locale.tag())), html).expect("written");
    }
    for sample in samples::mails() {
        let stem = format!("mail-{}.{}", sample.name, sample.locale.tag());
        fs::write(folder.join(format!("{stem}.html")), &sample.mail.html).expect("written");
        fs::write(folder.join(format!("{stem}.txt")), format!("{}\n\n{}", sample.mail.subject, sample.mail.text))
            .expect("written");
    }
}
