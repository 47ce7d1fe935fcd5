//! Hand-overs from policy to policy: where they lead, and that they come to an end.

use std::collections::BTreeMap;

use crate::{id::PolicyId, policy::EscalationPolicy};

/// Most hand-overs that follow each other. Every policy on the way is part of what an incident may need, and nobody who is woken
/// follows a longer one.
pub(crate) const HAND_OVERS_MAX: usize = 10;
/// Of so many hand-overs it is looked up where they lead; a configuration with more that are wrong is not understood any better.
const LOOKED_UP_MAX: usize = 50;

type Known<'a> = BTreeMap<&'a PolicyId, &'a EscalationPolicy>;
type Lengths<'a> = BTreeMap<&'a PolicyId, usize>;

/// What is wrong with a hand-over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault<'a> {
    /// It leads back to where it came from, over these policies; the first and the last are the same but for the one it stands in.
    Circle(Vec<&'a PolicyId>),
    /// More than 10 follow it.
    Long,
}

/// The faults of hand-overs, each with its policy and the place of its step. Where there are circles, these are told and nothing
/// else: what leads into one is not to blame. The work grows with the number of hand-overs, not with its square.
pub(crate) fn faults(all: &[EscalationPolicy]) -> Vec<(&PolicyId, usize, Fault<'_>)> {
    let known: Known<'_> = all.iter().map(|policy| (policy.id(), policy)).collect();
    let every = || all.iter().flat_map(|policy| policy.hand_overs().map(move |(place, to)| (policy.id(), place, to)));
    let ahead = longest(every().map(|(policy, _, to)| (policy, to)).collect());
    let behind = longest(every().map(|(policy, _, to)| (to, policy)).collect());
    let is_endless = |lengths: &Lengths<'_>, policy: &PolicyId| lengths.get(policy).is_some_and(|length| *length >= HAND_OVERS_MAX);
    let long: Vec<_> = every().filter(|(_, _, to)| is_endless(&ahead, to)).collect();
    // A circle has no end in either direction.
    let suspects = long.iter().filter(|(policy, _, to)| is_endless(&behind, policy) && known.contains_key(to)).take(LOOKED_UP_MAX);
    let circles: Vec<_> =
        suspects.filter_map(|(policy, place, to)| Some((*policy, *place, Fault::Circle(way_back(&known, to, policy)?)))).collect();
    if circles.is_empty() { long.into_iter().map(|(policy, place, _)| (policy, place, Fault::Long)).collect() } else { circles }
}

/// How many of these steps from a policy to another may follow each other from each on, counted no further than is allowed. A
/// circle has no end, so it comes to that number too.
fn longest<'a>(steps: Vec<(&'a PolicyId, &'a PolicyId)>) -> Lengths<'a> {
    let mut lengths: Lengths<'a> = steps.iter().flat_map(|(from, to)| [(*from, 0), (*to, 0)]).collect();
    for length in 1..=HAND_OVERS_MAX {
        let longer: Vec<&PolicyId> =
            steps.iter().filter(|(_, to)| lengths.get(to).is_some_and(|l| l + 1 == length)).map(|(from, _)| *from).collect();
        lengths.extend(longer.into_iter().map(|id| (id, length)));
    }
    lengths
}

/// The other policies that `first` may come to, over however many hand-overs, by name. What nobody knows is left out.
pub(crate) fn reachable<'a>(first: &EscalationPolicy, all: &Known<'a>) -> Vec<&'a EscalationPolicy> {
    let mut found: BTreeMap<&PolicyId, &EscalationPolicy> = BTreeMap::new();
    let mut ahead: Vec<&PolicyId> = first.hand_overs().map(|(_, policy)| policy).collect();
    while let Some(name) = ahead.pop() {
        if let Some(policy) = all.get(name).filter(|policy| policy.id() != first.id())
            && found.insert(policy.id(), policy).is_none()
        {
            ahead.extend(policy.hand_overs().map(|(_, policy)| policy));
        }
    }
    found.into_values().collect()
}

/// The policies from `from` to `home`, both named, if there is a way.
fn way_back<'a>(known: &Known<'a>, from: &'a PolicyId, home: &'a PolicyId) -> Option<Vec<&'a PolicyId>> {
    let mut came_from: BTreeMap<&PolicyId, Option<&PolicyId>> = BTreeMap::from([(from, None)]);
    let mut ahead = vec![from];
    while let Some(name) = ahead.pop() {
        if name == home {
            let mut way: Vec<&PolicyId> = std::iter::successors(Some(name), |at| came_from.get(at).copied().flatten()).collect();
            way.reverse();
            return Some(way);
        }
        for (_, next) in known.get(name).into_iter().flat_map(|policy| policy.hand_overs()) {
            if !came_from.contains_key(next) {
                came_from.insert(next, Some(name));
                ahead.push(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Fault, HAND_OVERS_MAX, faults};
    use crate::{
        id::PolicyId,
        policy::{EscalationPolicy, PolicyStep},
        target::Target,
    };

    /// Policies p0, p1, ... that hand over to those of these numbers, one or none each.
    fn policies(to: &[Option<usize>]) -> Vec<EscalationPolicy> {
        let name = |number: usize| PolicyId::new(format!("p{number}")).unwrap();
        let step = |to: &Option<usize>| {
            let calling = PolicyStep::calling(vec![Target::User(crate::id::UserId::new("aiko").unwrap())], 300);
            to.map_or(calling, |to| PolicyStep::handing_over(name(to)))
        };
        to.iter().enumerate().map(|(number, to)| EscalationPolicy::new(name(number), vec![step(to)], 0).unwrap()).collect()
    }

    #[test]
    fn ten_hand_overs_may_follow_each_other_and_not_eleven() {
        let chain = |length: usize| policies(&(1..=length).map(Some).chain([None]).collect::<Vec<_>>());
        assert_eq!(faults(&chain(HAND_OVERS_MAX)), []);
        let longer = chain(HAND_OVERS_MAX + 1);
        let found = faults(&longer);
        assert_eq!(found, [(longer[0].id(), 0, Fault::Long)]);
    }

    #[test]
    fn of_circles_and_what_leads_into_them_the_circles_are_told() {
        // p0 -> p1 -> p2 -> p1, and p3 to itself.
        let all = policies(&[Some(1), Some(2), Some(1), Some(3), None]);
        let names = |way: &[usize]| way.iter().map(|number| all[*number].id()).collect::<Vec<_>>();
        let expected = [
            (all[1].id(), 0, Fault::Circle(names(&[2, 1]))),
            (all[2].id(), 0, Fault::Circle(names(&[1, 2]))),
            (all[3].id(), 0, Fault::Circle(names(&[3]))),
        ];
        assert_eq!(faults(&all), expected);
    }

    #[test]
    fn however_many_lead_into_a_circle_it_is_the_circle_that_is_told() {
        // p0 to p99 hand over to p100, which hands over to p101 and back.
        let all = policies(&[vec![Some(100); 100], vec![Some(101), Some(100)]].concat());
        let found = faults(&all);
        assert_eq!(found.iter().map(|(policy, ..)| policy.as_str()).collect::<Vec<_>>(), ["p100", "p101"]);
    }

    /// Looking where each hand-over leads would be a walk through all of them.
    #[test]
    fn a_circle_of_all_policies_is_found_by_looking_at_some_of_it() {
        let length = 2_000;
        let circle: Vec<Option<usize>> = (1..length).map(Some).chain([Some(0)]).collect();
        let all = policies(&circle);
        let found = faults(&all);
        assert_eq!(found.len(), super::LOOKED_UP_MAX);
        assert!(found.iter().all(|(.., fault)| matches!(fault, Fault::Circle(way) if way.len() == length)));
    }
}
