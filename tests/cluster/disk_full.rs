//! The disk under the embedded database is full: what would be written is refused, what is only read goes on.

use crate::fleet::{Fleet, app, code, successor};
use crate::machine::full_while;
use crate::process::Installation;
use crate::{eventually, machine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing() {
    let mut fleet = Fleet::on("sqlite:data/karat.db", "memory:", "").await;
    let sign = fleet.installation.file("full");
    fleet.add(&full_while(&sign));
    fleet.all_ready().await;
    let (visitor, held) = fleet.logged_in("erika@example.com").await;
    let (kept, unused) = (successor(&visitor, &held.refresh).await, code(&visitor).await);

    std::fs::write(&sign, "").unwrap();
    for _ in 0..3 {
        let answer =
            fleet.answer_of(0, "/token", &[("grant_type", "refresh_token"), ("refresh_token", &kept.refresh)]).await;
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
    assert_eq!(visitor.ask(&app(), "/revoke", &[("token", &kept.access)]).await.unwrap().0, 503);
    assert_eq!(visitor.redeem(&app(), &unused).await.unwrap().0, 503);
    assert!(fleet.is_active_at(0, &kept.access).await, "reading goes on, and a revocation that was refused is none");
    eventually("the log says what it is", async || fleet.log(0).contains("disk is full")).await;

    // Killed and started again while it is still full: it says why it does not start, or serves what it can.
    fleet.kill(0).await;
    std::fs::remove_file(&sign).unwrap();
    fleet.start(0);
    fleet.all_ready().await;
    assert!(fleet.is_active_at(0, &kept.access).await);
    let next = successor(&visitor, &kept.refresh).await;
    assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200, "and the session is there");

    std::fs::write(&sign, "").unwrap();
    assert_eq!(visitor.refresh(&app(), &next.refresh).await.unwrap().0, 503);
    std::fs::remove_file(&sign).unwrap();
    let last = successor(&visitor, &next.refresh).await;
    assert!(fleet.is_active_at(0, &last.access).await, "with room it goes on without a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_on_a_full_disk_says_so_and_the_next_one_completes() {
    let installation = Installation::new();
    let sign = installation.file("full");
    std::fs::write(&sign, "").unwrap();
    let variables = machine::full_while(&sign);
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    installation.karat_as(&variables, &["serve"]).failed(1, "disk is full");
    std::fs::remove_file(&sign).unwrap();
    installation.serve().await.stop().await;
}
