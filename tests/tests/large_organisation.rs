//! An organisation of 200 teams, 2,000 users, 1,000 schedules and 3,000 services is put in force, and an edit of it writes little.

use acceptance::{World, organisation::LARGE};
use hansho_config::pack;
use hansho_configuration::Files;
use serde_json::{Value, json};

fn files() -> Files {
    LARGE.files().into_iter().map(|(name, text)| (name.to_string_lossy().into_owned(), text)).collect()
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
    assert!(
        (5_000..5_100).contains(&items),
        "a bundle per service, an item per user, the routes, and what the story's team leaves behind: {items}"
    );
    assert!(applied["more_changes"].as_u64() > Some(1_000), "not all of it is told one by one");

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
    assert!((2..=40).contains(&items), "one person and the services that call them: {items}");
    world.seconds(5).await;

    // It is the routes of all of them that find the service.
    let routes = world.machine.store().routes().await.unwrap_or_default();
    assert_eq!(routes.services.len(), 3_001);
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
