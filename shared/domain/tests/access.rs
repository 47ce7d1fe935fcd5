//! Who may see and do what: a table of roles, and the borders of a guest's teams.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeSet;

use hansho_domain::{
    Access, Alert, AlertId, Configuration, DedupKey, Directory, EscalationPolicy, Incident, IntegrationId, Labels, Language,
    ListedIntegration, Method, PolicyId, PolicyStep, Role, Roster, Rotation, RotationSpec, Schedule, Service, ServiceId, ServiceSpec,
    Severity, Target, Team, TeamId, Turn, User, UserId, open,
};
use jiff::Timestamp;

fn id(name: &str) -> UserId {
    name.parse().unwrap()
}

fn service(name: &str) -> ServiceId {
    name.parse().unwrap()
}

fn user(name: &str, role: Role) -> User {
    User::new(id(name), name, Language::En, vec![Method::Sms], Vec::new(), Vec::new()).unwrap().in_role(role)
}

fn team(name: &str, members: &[&str], managers: &[&str]) -> Team {
    let people = |names: &[&str]| names.iter().map(|name| id(name)).collect::<Vec<_>>();
    Team::new(name.parse().unwrap(), name, people(members)).unwrap().managed_by(people(managers)).unwrap()
}

fn policy(name: &str, target: &str) -> EscalationPolicy {
    EscalationPolicy::new(name.parse().unwrap(), vec![PolicyStep::calling(vec![target.parse().unwrap()], 300)], 0).unwrap()
}

fn watched(name: &str, policy: &str, team: Option<&str>) -> Service {
    let spec = ServiceSpec {
        team: team.map(|team| team.parse().unwrap()),
        ..ServiceSpec::new(service(name), policy.parse::<PolicyId>().unwrap())
    };
    Service::new(spec).unwrap()
}

/// Two teams. Gus is a guest of the shop, mona looks after it; the database is the other team's.
fn configuration() -> Configuration {
    let users = vec![
        user("olga", Role::Owner),
        user("adam", Role::Admin),
        user("rita", Role::Responder),
        user("gus", Role::Guest),
        user("mona", Role::Guest),
        user("stan", Role::Stakeholder),
    ];
    let teams = vec![team("shop", &["gus", "rita"], &["mona"]), team("data", &["adam"], &[])];
    let policies = vec![policy("shop", "team/shop"), policy("data", "team/data"), policy("rita", "user/rita")];
    let services = vec![watched("checkout", "shop", None), watched("database", "data", None), watched("search", "rita", Some("shop"))];
    Configuration::new(users, teams, Vec::<Schedule>::new(), policies, services, vec![Target::User(id("olga"))]).unwrap()
}

fn directory() -> Directory {
    Directory::new(&configuration(), |_| String::new())
}

fn access(name: &str) -> Access {
    Access::of(&directory(), &id(name)).unwrap()
}

fn incident(of: &str) -> Incident {
    let configuration = configuration();
    let bundle = configuration.bundles(1).into_iter().find(|bundle| bundle.service.id().as_str() == of).unwrap();
    let now: Timestamp = "2027-01-04T23:00:00Z".parse().unwrap();
    let alert = Alert {
        id: AlertId::from_hash([7; 16]),
        integration: IntegrationId::new("manual").unwrap(),
        dedup_key: DedupKey::new("k").unwrap(),
        occurred_at: now,
        severity: Severity::Critical,
        priority: None,
        title: "It burns".to_owned(),
        details: String::new(),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    };
    open(&alert, &Roster::at(&bundle, &[], now), now).incident
}

/// What every role may do with an incident of the shop's and one of the other team's.
#[test]
fn every_role_sees_and_does_what_is_its_own() {
    let directory = directory();
    let (shop, data) = (incident("checkout"), incident("database"));
    let table = [
        // who, sees and acts on the shop's, sees and acts on the other's, pages the shop, administers, owns
        ("olga", [true, true, true, true, true, true, true]),
        ("adam", [true, true, true, true, true, true, false]),
        ("rita", [true, true, true, true, true, false, false]),
        ("gus", [true, true, false, false, true, false, false]),
        ("mona", [true, true, false, false, true, false, false]),
        ("stan", [true, false, true, false, false, false, false]),
    ];
    for (name, expected) in table {
        let access = access(name);
        let found = [
            access.sees_incident(&directory, &shop),
            access.acts_on(&directory, &shop),
            access.sees_incident(&directory, &data),
            access.acts_on(&directory, &data),
            access.pages(&directory, &service("checkout")),
            access.administers(),
            access.owns(),
        ];
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_service_belongs_to_the_team_that_it_names_or_else_to_those_that_its_policy_calls() {
    let directory = directory();
    let guest = access("gus");
    assert!(guest.sees_service(&directory, &service("checkout")), "its policy calls the team");
    assert!(guest.sees_service(&directory, &service("search")), "it names the team");
    assert!(!guest.sees_service(&directory, &service("database")));
    assert!(!guest.sees_service(&directory, &service("unheard-of")), "nobody sees what is not there");
}

#[test]
fn a_guest_who_is_called_for_another_teams_incident_sees_it() {
    let mut of_data = incident("database");
    assert!(!access("gus").sees_incident(&directory(), &of_data));
    of_data.responders.push(id("gus"));
    assert!(access("gus").acts_on(&directory(), &of_data), "whoever helps sees what with");
    of_data.responders.clear();
    of_data.phase = hansho_domain::Phase::Acknowledged { by: vec![hansho_domain::Actor::User(id("gus"))] };
    assert!(access("gus").acts_on(&directory(), &of_data), "whoever has it sees it");
}

#[test]
fn a_manager_looks_after_a_team_and_its_people_and_nobody_else() {
    let directory = directory();
    let mona = access("mona");
    let (shop, data): (TeamId, TeamId) = ("shop".parse().unwrap(), "data".parse().unwrap());
    assert!(mona.manages(&shop) && !mona.manages(&data));
    assert!(mona.manages_user(&directory, &id("gus")) && !mona.manages_user(&directory, &id("adam")));
    assert!(!mona.manages_user(&directory, &id("olga")), "a manager is not above an owner of no team of hers");
    assert!(!access("rita").manages(&shop) && access("adam").manages(&shop));
    assert_eq!(mona.teams(), &BTreeSet::from([shop]), "a manager has a part in the team");
}

/// Two schedules with the same person in both: the shop's services call by one, the other team's by the other.
fn with_schedules() -> Directory {
    let rotation = |name: &str, members: &[&str]| {
        let members = members.iter().map(|name| id(name));
        let spec = RotationSpec::new(name, "2027-01-04T10:00".parse().unwrap(), Turn::Weeks(1), members);
        Rotation::new(spec).unwrap()
    };
    let schedule = |name: &str, members: &[&str]| Schedule::new(name.parse().unwrap(), name, "UTC", vec![rotation(name, members)]).unwrap();
    let schedules = vec![schedule("shop", &["rita"]), schedule("data", &["adam", "rita"]), schedule("spare", &["rita"])];
    let users = ["rita", "dora", "stan"].map(|name| user(name, if name == "stan" { Role::Stakeholder } else { Role::Responder }));
    let users = users.into_iter().chain([user("gus", Role::Guest), user("mona", Role::Guest), user("adam", Role::Admin)]).collect();
    let teams = vec![team("shop", &["gus", "rita"], &["mona"]), team("data", &["dora", "rita", "adam"], &[])];
    let policies = vec![policy("shop", "schedule/shop"), policy("data", "schedule/data")];
    let services = vec![watched("checkout", "shop", Some("shop")), watched("database", "data", Some("data"))];
    let configuration = Configuration::new(users, teams, schedules, policies, services, vec![Target::User(id("adam"))]).unwrap();
    Directory::new(&configuration, |_| String::new())
}

#[test]
fn a_guest_sees_the_schedules_by_which_their_teams_services_call_and_their_people() {
    let directory = with_schedules();
    let gus = Access::of(&directory, &id("gus")).unwrap();
    let sees = |name: &str| gus.sees_schedule(&directory, &name.parse().unwrap());
    assert_eq!([sees("shop"), sees("data"), sees("spare"), sees("unheard-of")], [true, false, false, false]);
    let knows = |name: &str| gus.sees_user(&directory, &id(name));
    assert_eq!([knows("gus"), knows("rita"), knows("dora"), knows("adam")], [true, true, false, false]);
}

#[test]
fn others_shifts_are_decided_on_by_managers_of_the_schedules_team_and_admins() {
    let directory = with_schedules();
    let access = |name: &str| Access::of(&directory, &id(name)).unwrap();
    let one = |name: &str| BTreeSet::from([id(name)]);
    for (who, schedule, from, to, expected) in [
        ("mona", "shop", "rita", "gus", true),
        ("mona", "data", "rita", "gus", false),
        ("mona", "spare", "rita", "gus", false),
        ("adam", "shop", "rita", "gus", true),
        ("rita", "shop", "rita", "gus", true),
        ("dora", "shop", "rita", "dora", true),
        ("dora", "shop", "rita", "gus", false),
        ("gus", "shop", "rita", "gus", true),
        ("gus", "data", "rita", "gus", false),
        ("stan", "shop", "rita", "stan", false),
    ] {
        let may = access(who).overrides(&directory, &schedule.parse().unwrap(), &one(from), &one(to));
        assert_eq!(may, expected, "{who} has {to} instead of {from} in {schedule}");
    }
    assert!(access("mona").names(&directory, &id("gus")) && !access("mona").names(&directory, &id("dora")));
    assert!(!access("adam").names(&directory, &id("stan")), "who only looks can do nothing when called");
    assert!(!access("adam").names(&directory, &id("nobody-here")));
}

#[test]
fn who_is_not_in_the_configuration_may_do_nothing() {
    assert_eq!(Access::of(&directory(), &id("nobody")), None);
}

#[test]
fn keys_and_maintenance_are_for_those_who_look_after_the_service() {
    let directory = directory();
    let integration = |of: Option<&str>| ListedIntegration {
        id: IntegrationId::new("events").unwrap(),
        name: "Events".to_owned(),
        kind: "events".to_owned(),
        service: of.map(service),
    };
    for (name, maintains, makes_keys) in [
        // Of the shop, of the other team, and of none.
        ("olga", [true, true, true], [true, true, true]),
        ("adam", [true, true, true], [true, true, true]),
        ("rita", [true, false, false], [false, false, false]),
        ("gus", [false, false, false], [false, false, false]),
        ("mona", [true, false, false], [true, false, false]),
        ("stan", [false, false, false], [false, false, false]),
    ] {
        let access = access(name);
        let services = ["checkout", "database", "nothing-here"].map(service);
        assert_eq!(services.each_ref().map(|service| access.holds(&directory, service)), maintains, "{name}");
        let integrations = [integration(Some("checkout")), integration(Some("database")), integration(None)];
        assert_eq!(integrations.each_ref().map(|one| access.manages_integration(&directory, one)), makes_keys, "{name}");
    }
}
