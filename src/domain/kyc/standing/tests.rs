//! The laws of the standing, for every history that cases can write.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const NOTICE: Seconds = Seconds::days(30);

/// What may happen next. Cases are numbered; a case is always of the same level.
#[derive(Clone, Debug)]
enum Step {
    Begin(usize),
    Submit,
    Approve {
        case: usize,
        days: Option<i64>,
    },
    Reject {
        case: usize,
        finally: bool,
    },
    Abandon,
    Suspend,
    Reinstate,
    Revoke(Tier),
    /// Whatever the clock finds.
    Look,
    Wait(i64),
}

const CASES: usize = 4;

/// Two of level 2, so that a level can be renewed by another case.
fn case(number: usize) -> (CaseId, Tier) {
    let tiers = [Tier::BASIC, Tier::STANDARD, Tier::STANDARD, Tier::ENHANCED];
    (CaseId::new(uuid::Uuid::from_u128(number as u128 + 1)), tiers[number])
}

/// One person's history.
#[derive(Clone)]
struct Life {
    standing: Standing,
    now: Timestamp,
    begun: BTreeSet<usize>,
}

impl Life {
    fn new() -> Self {
        Self { standing: Standing::default(), now: START, begun: BTreeSet::new() }
    }

    fn state(&self) -> State {
        self.standing.state(self.now, NOTICE, false)
    }

    fn tier(&self) -> Tier {
        self.standing.tier(self.now)
    }

    /// What a step finds, where cases allow it: one is open at a time, and what was never begun is not decided.
    fn finding(&mut self, step: &Step) -> Option<Finding> {
        let pending = self.standing.pending().map(|pending| pending.case);
        Some(match step {
            Step::Begin(number) => {
                let (case, tier) = case(*number);
                if pending.is_some() {
                    return None;
                }
                self.begun.insert(*number);
                Finding::Begun { case, tier }
            }
            Step::Submit => Finding::Submitted { case: pending? },
            Step::Approve { case: number, days } => {
                let (case, tier) = case(*number);
                let until = days.map(|days| self.now.plus(Seconds::days(days)));
                self.begun.get(number)?;
                Finding::Approved { case, tier, until, residence: None }
            }
            Step::Reject { case: number, finally } => {
                let (case, tier) = case(*number);
                self.begun.get(number)?;
                Finding::Rejected { case, tier, reason: Reason::DocUnreadable, finally: *finally }
            }
            Step::Abandon => Finding::Abandoned { case: pending? },
            Step::Suspend => Finding::Suspended { reason: Reason::SanctionsReview },
            Step::Reinstate => Finding::Reinstated,
            Step::Revoke(tier) => Finding::Revoked { tier: *tier },
            Step::Look => self.standing.due(self.now, NOTICE)?,
            Step::Wait(_) => return None,
        })
    }

    /// Answers what was found.
    fn go(&mut self, step: &Step) -> Option<Finding> {
        if let Step::Wait(days) = step {
            self.now = self.now.plus(Seconds::days(*days));
        }
        let found = self.finding(step);
        if let Some(found) = &found {
            self.standing = self.standing.after(found, self.now);
        }
        found
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let days = prop_oneof![Just(None), Just(Some(5)), Just(Some(20)), Just(Some(100)), Just(Some(700))];
    let one = prop_oneof![
        4 => (0..CASES).prop_map(Step::Begin),
        2 => Just(Step::Submit),
        4 => ((0..CASES), days).prop_map(|(case, days)| Step::Approve { case, days }),
        2 => ((0..CASES), any::<bool>()).prop_map(|(case, finally)| Step::Reject { case, finally }),
        1 => Just(Step::Abandon),
        1 => Just(Step::Suspend),
        1 => Just(Step::Reinstate),
        1 => (1..=3_u8).prop_map(|tier| Step::Revoke(Tier::try_from(tier).unwrap())),
        3 => Just(Step::Look),
        3 => prop_oneof![Just(1), Just(15), Just(80), Just(400)].prop_map(Step::Wait),
    ];
    proptest::collection::vec(one, 1..40)
}

proptest! {
    #[test]
    fn the_same_finding_twice_changes_nothing_the_second_time(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            if let Some(found) = life.go(step) {
                prop_assert_eq!(&life.standing.after(&found, life.now), &life.standing, "{:?}", found);
            }
        }
    }

    #[test]
    fn a_rejected_or_revoked_level_never_counts(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            match life.go(step) {
                Some(Finding::Rejected { case, .. }) => {
                    prop_assert!(life.standing.attained().iter().all(|attained| attained.case != case));
                }
                Some(Finding::Revoked { tier }) => {
                    prop_assert!(life.tier() < tier && life.standing.tier_before_expiry() < tier);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn only_an_approval_or_the_end_of_a_suspension_raises_the_level(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            let before = life.tier();
            let found = life.go(step);
            if life.tier() > before {
                prop_assert!(matches!(found, Some(Finding::Approved { .. } | Finding::Reinstated)), "{:?}", found);
            }
        }
    }

    #[test]
    fn time_passing_never_raises_the_level(steps in steps(), days in 0..2_000_i64) {
        let mut life = Life::new();
        for step in &steps {
            life.go(step);
        }
        let later = life.now.plus(Seconds::days(days));
        prop_assert!(life.standing.tier(later) <= life.tier());
    }

    #[test]
    fn who_is_suspended_has_no_level_until_somebody_settles_it(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            let cause = life.standing.suspended().cloned();
            let found = life.go(step);
            if life.standing.suspended().is_some() {
                prop_assert_eq!(life.tier(), Tier::REGISTERED);
                prop_assert_eq!(life.state(), State::Suspended);
            } else if let Some(cause) = cause {
                let settled = match found {
                    Some(Finding::Reinstated) => true,
                    Some(Finding::Approved { case, .. }) => cause.case == Some(case),
                    _ => false,
                };
                prop_assert!(settled);
            }
        }
    }

    #[test]
    fn levels_are_kept_once_each_and_in_order(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            life.go(step);
            let tiers: Vec<Tier> = life.standing.attained().iter().map(|attained| attained.tier).collect();
            prop_assert!(tiers.windows(2).all(|pair| pair[0] < pair[1]) && !tiers.contains(&Tier::REGISTERED));
        }
    }

    #[test]
    fn every_step_goes_along_an_arrow(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            let before = life.state();
            life.go(step);
            prop_assert!(before == life.state() || before.may_become(life.state()), "{:?} {:?}", before, life.state());
        }
    }

    #[test]
    fn an_end_is_found_in_order_and_each_thing_once(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            life.go(step);
        }
        let mut found = Vec::new();
        for _ in 0..200 {
            match life.standing.due_at(NOTICE) {
                Some(due) => life.now = life.now.max(due),
                None => break,
            }
            let what = life.go(&Step::Look);
            prop_assert!(what.is_some(), "something is due, and found");
            found.extend(what);
        }
        prop_assert_eq!(life.standing.due_at(NOTICE), None, "what ends has ended, and was found");
        for (at, what) in found.iter().enumerate() {
            prop_assert!(!found[..at].contains(what), "{:?} twice", what);
        }
        for attained in life.standing.attained() {
            let end = Finding::Expired { tier: attained.tier };
            prop_assert_eq!(attained.until.is_some(), found.contains(&end) || attained.told == Told::End);
        }
    }
}

/// Every arrow that short histories take: all of them, not a sample.
fn arrows() -> BTreeSet<(State, State)> {
    let steps: Vec<Step> = (0..3)
        .map(Step::Begin)
        .chain((0..3).flat_map(|case| [Some(20), Some(100)].map(|days| Step::Approve { case, days })))
        .chain((0..3).flat_map(|case| [false, true].map(|finally| Step::Reject { case, finally })))
        .chain([Step::Abandon, Step::Suspend, Step::Reinstate, Step::Revoke(Tier::BASIC), Step::Wait(80)])
        .collect();
    let mut arrows = BTreeSet::new();
    let mut lives = BTreeMap::from([(String::new(), Life::new())]);
    for _ in 0..6 {
        let mut next = BTreeMap::new();
        for life in lives.values() {
            for step in &steps {
                let mut life = life.clone();
                let before = life.state();
                life.go(step);
                if before != life.state() {
                    arrows.insert((before, life.state()));
                }
                let standing = serde_json::to_string(&life.standing).unwrap();
                next.insert(format!("{standing}{:?}{:?}", life.now, life.begun), life);
            }
        }
        lives = next;
    }
    arrows
}

#[test]
fn every_arrow_is_gone_by_some_history_and_none_beside_them() {
    let gone = arrows();
    for from in State::ALL {
        for to in State::ALL.into_iter().filter(|to| *to != from) {
            if State::RestrictedRegion == from || State::RestrictedRegion == to {
                // Where somebody lives is the policy's to judge, not the standing's: any state may turn into it, and back.
                assert!(from.may_become(to));
                continue;
            }
            assert_eq!(from.may_become(to), gone.contains(&(from, to)), "{from:?} -> {to:?}");
        }
    }
}

fn after(findings: &[Finding]) -> Standing {
    findings.iter().fold(Standing::default(), |standing, finding| standing.after(finding, START))
}

fn rejected(number: usize, reason: Reason, finally: bool) -> Finding {
    let (case, tier) = case(number);
    Finding::Rejected { case, tier, reason, finally }
}

fn approved(number: usize) -> Finding {
    let (case, tier) = case(number);
    Finding::Approved { case, tier, until: None, residence: None }
}

#[test]
fn a_final_rejection_is_undone_by_its_own_case_and_by_staff_and_by_no_older_case() {
    let barred = after(&[rejected(2, Reason::DuplicateIdentity, true)]);
    let (own, tier) = case(2);
    let (older, _) = case(1);
    for finding in [Finding::Begun { case: older, tier }, rejected(1, Reason::DocUnreadable, false)] {
        assert!(barred.after(&finding, START).is_barred(older), "{finding:?}");
    }
    assert_eq!(barred.after(&Finding::Begun { case: own, tier }, START).rejected(), None);
    let reinstated = barred.after(&Finding::Reinstated, START);
    assert!(reinstated.rejected().is_some_and(|rejected| !rejected.finally));
    assert!(!reinstated.is_barred(older));
}

#[test]
fn sanctions_and_forged_documents_suspend_whoever_they_concern() {
    for (finding, suspends) in [
        (rejected(1, Reason::SanctionsReview, false), true),
        (rejected(1, Reason::SanctionsReview, true), true),
        (rejected(1, Reason::DocTampered, true), true),
        (rejected(1, Reason::DocTampered, false), false),
        (rejected(1, Reason::DuplicateIdentity, true), false),
    ] {
        let case = after(std::slice::from_ref(&finding)).suspended().map(|suspended| suspended.case);
        assert_eq!(case, suspends.then_some(Some(self::case(1).0)), "{finding:?}");
    }
}

#[test]
fn what_staff_suspended_no_later_approval_of_a_case_lifts() {
    let by_case = [approved(1), rejected(1, Reason::FaceMismatch, true)];
    assert_eq!(after(&by_case).after(&approved(1), START).suspended(), None);
    let by_staff = after(&by_case).after(&Finding::Suspended { reason: Reason::Other }, START);
    assert!(by_staff.after(&approved(1), START).suspended().is_some());
}
