//! Mail and chat scanners follow every link: reading changes nothing.

use crate::bench::{Ask, Bench};

#[tokio::test]
async fn get_and_head_change_nothing_anywhere() {
    let bench = Bench::new().await;
    let (one, two) = (bench.alarm("checkout-5xx").await, bench.alarm("batch-nightly").await);
    let (code, all) = (bench.link("aiko", one).await, bench.bundle("aiko", &[one, two]).await);
    let paths = [
        "/health".to_owned(),
        "/style.css".to_owned(),
        format!("/i/{code}"),
        format!("/i/{code}/acknowledge"),
        format!("/i/{code}/resolve"),
        format!("/i/{code}/escalate"),
        format!("/i/{code}/explode"),
        "/i/nobody".to_owned(),
        format!("/b/{all}"),
        format!("/b/{all}/acknowledge"),
        format!("/b/{all}/{one}"),
        format!("/b/{all}/{one}/acknowledge"),
        format!("/b/{all}/{one}/resolve"),
        "/incidents".to_owned(),
        "/incidents?status=all".to_owned(),
        format!("/incidents/{one}"),
        format!("/incidents/{one}/acknowledge"),
        "/services".to_owned(),
        "/services/checkout/stage".to_owned(),
        "/suppressed".to_owned(),
        "/nowhere".to_owned(),
        "/".to_owned(),
    ];
    let before = (bench.state(one).await, bench.state(two).await);
    let writes = bench.writes();
    for path in &paths {
        let read = bench.send(Ask::get(path).token()).await;
        let head = bench.send(Ask::new("HEAD", path).token()).await;
        assert_eq!(read.status, head.status, "{path}");
        assert!(head.body.is_empty(), "{path}: {}", head.body);
    }
    assert_eq!(bench.writes(), writes, "something was written");
    assert_eq!((bench.state(one).await, bench.state(two).await), before);
}

#[tokio::test]
async fn a_browser_that_remembers_where_a_button_led_is_shown_the_state() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let (code, all) = (bench.link("aiko", id).await, bench.bundle("aiko", &[id]).await);
    bench.send(Ask::get(&format!("/i/{code}/resolve"))).await.expect_redirect(&format!("/i/{code}"));
    bench.send(Ask::get(&format!("/b/{all}/acknowledge"))).await.expect_redirect(&format!("/b/{all}"));
    bench.send(Ask::get(&format!("/b/{all}/{id}/escalate"))).await.expect_redirect(&format!("/b/{all}/{id}"));
    // What it has not checked it does not repeat into an address.
    bench.send(Ask::get("/i/%2F%2Fevil.example%2F/resolve")).await.expect_redirect("/i/evilexample");
}
