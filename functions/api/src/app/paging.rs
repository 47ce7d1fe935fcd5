//! Lists of what the configuration has: a part of them by name, page by page. All of it is in memory, so nothing is read for it.

use serde::Deserialize;

/// Most of one page.
const PAGE_MAX: usize = 50;
/// Longest text that is looked for, in characters.
const SEARCH_CHARS_MAX: usize = 60;

/// What is asked of a list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    /// Those that come after this one.
    #[serde(default)]
    after: String,
    /// Those whose name has this in it.
    #[serde(default)]
    q: String,
}

impl ListQuery {
    /// What is looked for.
    pub(super) fn search(&self) -> String {
        self.q.trim().chars().take(SEARCH_CHARS_MAX).collect()
    }
}

/// One page, and where the next one is.
pub(super) struct Paged<'a, T> {
    pub(super) here: Vec<&'a T>,
    pub(super) next: Option<String>,
}

/// The page of `all` that is asked for, by id. `named` gives the id and the name of each.
pub(super) fn paged<'a, T>(
    all: impl Iterator<Item = &'a T>,
    named: impl for<'b> Fn(&'b T) -> (&'b str, &'b str),
    query: &ListQuery,
    address: &str,
) -> Paged<'a, T> {
    let search = query.search();
    let wanted = search.to_lowercase();
    let is_wanted = |one: &&T| {
        let (id, name) = named(one);
        id > query.after.as_str() && (id.to_lowercase().contains(&wanted) || name.to_lowercase().contains(&wanted))
    };
    let mut found: Vec<&T> = all.filter(is_wanted).collect();
    found.sort_by(|a, b| named(a).0.cmp(named(b).0));
    let has_more = found.len() > PAGE_MAX;
    found.truncate(PAGE_MAX);
    let last = found.last().filter(|_| has_more).map(|last| named(last).0.to_owned());
    let next = last.map(|after| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("after", &after).append_pair("q", &search).finish();
        format!("{address}?{query}")
    });
    Paged { here: found, next }
}

#[cfg(test)]
mod tests {
    use super::{ListQuery, paged};

    struct One(String);

    fn named(one: &One) -> (&str, &str) {
        (&one.0, "Shop & <co>")
    }

    #[test]
    fn every_one_of_a_long_list_is_on_one_page_and_a_part_of_a_name_finds_it() {
        let all: Vec<One> = (0..120).rev().map(|number| One(format!("s{number:03}"))).collect();
        let mut seen: Vec<&One> = Vec::new();
        let mut query = ListQuery::default();
        loop {
            let page = paged(all.iter(), named, &query, "/app/services");
            seen.extend(&page.here);
            let Some(next) = page.next else { break };
            assert!(next.starts_with("/app/services?after=s") && next.ends_with("&q="), "{next}");
            query.after = page.here.last().map(|last| last.0.clone()).unwrap_or_default();
        }
        assert_eq!((seen.len(), seen[0].0.as_str(), seen[119].0.as_str()), (120, "s000", "s119"));
        let found = |q: &str| paged(all.iter(), named, &ListQuery { after: String::new(), q: q.to_owned() }, "/app/services").here.len();
        assert_eq!((found("S11"), found(" shop & "), found("nobody")), (10, 50, 0));
        let next = paged(all.iter(), named, &ListQuery { after: String::new(), q: "&x=<co>".to_owned() }, "/a").next;
        assert_eq!(next, None);
    }
}
