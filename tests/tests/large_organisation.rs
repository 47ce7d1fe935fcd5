//! A large organisation is put in force, and an edit of it writes little.
//!
//! Unoptimised code reads megabytes of YAML slowly, so this is a tenth of the largest: `HANSHO_LARGE=1` and `--profile long` run it
//! with 200 teams, 2,000 users, 1,000 schedules and 3,000 services.

use acceptance::{
    World,
    organisation::{LARGE, Size},
};
use hansho_config::pack;
use hansho_configuration::Files;
use serde_json::{Value, json};

fn size() -> Size {
    let is_whole = hansho_runtime::settings::environment("HANSHO_LARGE").is_some();
    if is_whole { LARGE } else { Size { teams: 20, users: 200, schedules: 100, policies: 100, services: 300 } }
}

fn files() -> Files {
    size().files().into_iter().map(|(name, text)| (name.to_string_lossy().into_owned(), text)).collect()
}

async fn ask(world: &mut World, action: &str, files: &Files) -> Value {
    world.invoke("config", json!({ "action": action, "files_gzip": pack(files).unwrap_or_default(), "by": "aiko" })).await
}

#[tokio::test]
async fn a_large_organisation_is_applied_within_item_sizes_and_an_edit_writes_only_what_it_changes() {
    let mut world = World::new().await;
    let mut files = files();
    let applied = ask(&mut world, "apply", &files).await;
    assert_eq!(applied["result"], "applied", "{}", applied["problems"]);
    let items = applied["in_force"]["items"].as_u64().unwrap_or_default();
    let least = u64::try_from(size().users + size().services + size().policies + size().teams).unwrap_or_default();
    // One for each service, policy and user, for the service of each team, the routes, the catch-all service, and what the team before leaves behind.
    assert!((least..least + 20).contains(&items), "{items}");
    let told = applied["changes"].as_array().map_or(0, Vec::len);
    assert_eq!(told == 2_000, applied["more_changes"].as_u64() > Some(0), "not all of it is told one by one: {told}");

    let team = files.get_mut("teams/team-0007.yaml").map(|text| {
        let edited = text.replacen("name: Member 0 of team 7", "name: Somebody else of team 7", 1);
        assert_ne!(*text, edited);
        *text = edited;
    });
    assert!(team.is_some());
    let plan = ask(&mut world, "plan", &files).await;
    assert_eq!(plan["changes"].as_array().map(Vec::len), Some(1), "{}", plan["summary"]);
    let edited = ask(&mut world, "apply", &files).await;
    let items = edited["in_force"]["items"].as_u64().unwrap_or_default();
    assert!((2..=60).contains(&items), "one person and the services that call them: {items}");
    world.seconds(5).await;

    // It is the routes of all of them that find the service.
    let routes = world.machine.store().routes().await.unwrap_or_default();
    assert_eq!(routes.services.len(), size().services + size().teams + 1, "one for each team, and the catch-all");
    let told = world.sent();
    assert!(told.iter().all(|sent| sent.channel == "email"), "those whose shift begins within a day, quietly");
    world.end().await;
}

#[tokio::test]
async fn a_service_that_calls_too_many_people_is_refused_by_name() {
    let mut world = World::new().await;
    let mut text = String::from("users:\n");
    let teams = 20;
    for number in 0..200 * teams {
        text += &format!("  user-{number:05}: {{ name: {}, email: user-{number:05}@example.com }}\n", "長い名前".repeat(10));
    }
    text += "teams:\n";
    for team in 0..teams {
        let members: Vec<String> = (0..200).map(|member| format!("user-{:05}", team * 200 + member)).collect();
        text += &format!("  team-{team}: {{ members: [{}] }}\n", members.join(", "));
    }
    let everybody: Vec<String> = (0..teams).map(|team| format!("team/team-{team}")).collect();
    text += &format!("escalation_policies:\n  p: {{ steps: [{{ notify: [{}], wait: 5m }}] }}\n", everybody.join(", "));
    text += "services:\n  huge: { escalation_policy: p }\nfallback: [team/team-0]\n";
    let files = Files::from([("huge.yaml".to_owned(), text)]);
    for action in ["plan", "apply"] {
        let answer = ask(&mut world, action, &files).await;
        assert_eq!(answer["result"], "invalid", "{answer}");
        let message = answer["problems"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("service huge has ") && message.contains("390000 are the most"), "{answer}");
    }
    assert_eq!(world.machine.store().stored_configuration_version().await.ok(), Some(1));
    world.end().await;
}
