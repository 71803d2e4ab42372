//! What is bound comes back the same.

use karat::domain::time::Timestamp;
use karat::storage::{Db, Error, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::databases::FreshDatabase;
use crate::{on_both_databases, opened};

on_both_databases! {
    every_value_comes_back_as_it_was_written,
    nulls_keep_their_types,
    a_timestamp_is_stored_as_seconds,
    a_text_with_a_nul_character_is_refused,
    a_column_of_another_type_is_corrupt,
}

karat::record! {
    #[derive(Clone, Debug, PartialEq)]
    struct Sample {
        id: i64,
        number: Option<i64>,
        flag: Option<bool>,
        words: Option<String>,
        bytes: Option<Vec<u8>>,
    }
}

const INSERT: &str = "INSERT INTO samples (id, number, flag, words, bytes) VALUES ($1, $2, $3, $4, $5)";
const SELECT: &str = "SELECT id, number, flag, words, bytes FROM samples WHERE id = $1";
/// Comparing inside the database shows that it holds the same, not only that driver and driver agree.
const SELECT_SAME: &str =
    "SELECT id FROM samples WHERE id = $1 AND number = $2 AND flag = $3 AND words = $4 AND bytes = $5";

async fn every_value_comes_back_as_it_was_written(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    for (id, sample) in samples().into_iter().enumerate() {
        let sample = Sample { id: id as i64, ..sample };
        insert(&db, &sample).await;
        let found: Sample = db.read(SELECT).bind(sample.id).one().await.unwrap();
        assert_eq!(found, sample);
        if let Sample { id, number: Some(number), flag: Some(flag), words: Some(words), bytes: Some(bytes) } = sample {
            let same = db.read(SELECT_SAME).bind(id).bind(number).bind(flag).bind(words).bind(bytes);
            assert_eq!(same.all::<(i64,)>().await.unwrap(), [(id,)]);
        }
    }
}

/// The corners by hand, and two hundred generated.
fn samples() -> Vec<Sample> {
    let of = |number: i64, flag: bool, words: &str, bytes: &[u8]| Sample {
        id: 0,
        number: Some(number),
        flag: Some(flag),
        words: Some(words.into()),
        bytes: Some(bytes.into()),
    };
    let mut samples = vec![
        of(i64::MIN, false, "", b""),
        of(i64::MAX, true, "' OR 1=1 -- $1 ?1 \\ \" %", &[0, 1, 254, 255]),
        of(0, true, "żółw, 金, \u{1f98a}, e\u{301}, \u{202e}, \u{10ffff}\r\n\t\u{1}", &[0]),
        of(-1, false, &"long ".repeat(20_000), &vec![7; 200_000]),
        Sample { id: 0, number: None, flag: None, words: None, bytes: None },
    ];
    let words = prop::collection::vec(any::<char>().prop_filter("refused", |c| *c != '\0'), 0..40);
    let words = words.prop_map(|characters| characters.into_iter().collect::<String>());
    let any_sample = (any::<Option<i64>>(), any::<Option<bool>>(), prop::option::of(words), any::<Option<Vec<u8>>>())
        .prop_map(|(number, flag, words, bytes)| Sample { id: 0, number, flag, words, bytes });
    let mut runner = TestRunner::deterministic();
    samples.extend((0..200).map(|_| any_sample.new_tree(&mut runner).unwrap().current()));
    samples
}

async fn insert(db: &Db, sample: &Sample) {
    let Sample { id, number, flag, words, bytes } = sample.clone();
    assert_eq!(db.write(INSERT).bind(id).bind(number).bind(flag).bind(words).bind(bytes).run().await.unwrap(), 1);
}

async fn nulls_keep_their_types(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let nulls =
        [Value::from(None::<i64>), Value::from(None::<bool>), Value::from(None::<&str>), Value::from(None::<[u8; 32]>)];
    let [number, flag, words, bytes] = nulls;
    db.write(INSERT).bind(1).bind(number).bind(flag).bind(words).bind(bytes).run().await.unwrap();
    let found: Sample = db.read(SELECT).bind(1).one().await.unwrap();
    assert_eq!(found, Sample { id: 1, number: None, flag: None, words: None, bytes: None });
    // A NULL timestamp and a NULL number are the same type.
    let updated = db.write("UPDATE samples SET number = $2 WHERE id = $1").bind(1).bind(None::<Timestamp>).run();
    assert_eq!(updated.await.unwrap(), 1);
}

async fn a_timestamp_is_stored_as_seconds(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let at = Timestamp::from_unix(1_790_000_000);
    db.write("INSERT INTO samples (id, number) VALUES ($1, $2)").bind(1).bind(at).run().await.unwrap();
    let (number,): (i64,) = db.read("SELECT number FROM samples WHERE number = $1").bind(Some(at)).one().await.unwrap();
    assert_eq!(number, 1_790_000_000);
}

async fn a_text_with_a_nul_character_is_refused(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    let insert = "INSERT INTO samples (id, words) VALUES ($1, $2)";
    for text in ["\0", "a\0b"] {
        assert!(matches!(db.write(insert).bind(1).bind(text).run().await, Err(Error::Unsupported(_))));
        let read = db.read("SELECT id FROM samples WHERE words = $1").bind(text);
        assert!(matches!(read.all::<(i64,)>().await, Err(Error::Unsupported(_))));
    }
    // What was refused costs nobody anything.
    assert_eq!(db.write(insert).bind(1).bind("a").run().await.unwrap(), 1);
}

async fn a_column_of_another_type_is_corrupt(fresh: &FreshDatabase) {
    let db = opened(&fresh.settings()).await;
    db.write("INSERT INTO samples (id, words) VALUES ($1, $2)").bind(1).bind("twelve").run().await.unwrap();
    let read = db.read("SELECT words FROM samples WHERE id = $1").bind(1);
    assert!(matches!(read.all::<(i64,)>().await, Err(Error::Corrupt(_))));
}
