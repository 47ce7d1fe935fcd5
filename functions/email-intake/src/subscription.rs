//! Amazon SNS asks whether a topic may send mail to an address (SNS developer guide, "Email subscription setup"). Whether it may is for
//! people to say, so the question is shown as a task; it never pages.

use hansho_intake::subscription_task;

use crate::{mail::Mail, pattern::compiled};

/// Where SNS is asked to confirm: only there may a link of the question lead.
const LINK: &str = r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/confirmation\.html\?[A-Za-z0-9%&;=:/_.\-+]{1,1500}";
/// The topic in such a link.
const TOPIC: &str = r"TopicArn=(arn(?::|%3A)aws[A-Za-z0-9%:_.\-]{1,300})";

/// The task that the mail sets; `None` when it asks nothing of the kind.
pub fn task(mail: &Mail) -> Option<String> {
    let is_of_sns = mail.from.as_deref().is_some_and(|from| from.ends_with("@sns.amazonaws.com") || from.ends_with(".amazonaws.com"));
    if !is_of_sns || !mail.subject.contains("Subscription Confirmation") {
        return None;
    }
    let link = compiled(LINK)?;
    let found = link.find(&mail.text).or_else(|| link.find(&mail.html)).map(|found| found.as_str().replace("&amp;", "&"));
    let topic = found.as_deref().and_then(|found| Some(compiled(TOPIC)?.captures(found)?.get(1)?.as_str().replace("%3A", ":")));
    let topic = topic.unwrap_or_else(|| "a topic that it does not name".to_owned());
    let how = found.map_or_else(|| "confirm it in the SNS console".to_owned(), |link| format!("open {link}"));
    Some(subscription_task(&topic, "send mail to this address", &how))
}

#[cfg(test)]
mod tests {
    use super::task;
    use crate::mail::Mail;

    fn mail(from: &str, subject: &str, html: &str) -> Mail {
        Mail { from: Some(from.to_owned()), subject: subject.to_owned(), html: html.to_owned(), ..Mail::default() }
    }

    #[test]
    fn the_question_of_sns_is_a_task_with_its_topic_and_link() {
        let html = "<a href=\"https://sns.ap-northeast-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:ap-northeast-1:111122223333:alarms&amp;Token=2336412f&amp;Endpoint=x@y\">Confirm</a>";
        let task = task(&mail("no-reply@sns.amazonaws.com", "AWS Notification - Subscription Confirmation", html)).unwrap();
        assert!(task.contains("whether arn:aws:sns:ap-northeast-1:111122223333:alarms may send"), "{task}");
        assert!(task.contains("open https://sns.ap-northeast-1.amazonaws.com/confirmation.html?TopicArn="), "{task}");
        assert!(task.contains("&Token=2336412f"), "{task}");
    }

    #[test]
    fn nobody_elses_mail_is_such_a_question_and_no_link_leads_elsewhere() {
        let subject = "AWS Notification - Subscription Confirmation";
        assert_eq!(task(&mail("a@example.com", subject, "")), None);
        assert_eq!(task(&mail("no-reply@sns.amazonaws.com", "ALARM: \"x\" in y", "")), None);
        let elsewhere = "https://sns.ap-northeast-1.amazonaws.com.evil.example/confirmation.html?TopicArn=x";
        let task = task(&mail("no-reply@sns.amazonaws.com", subject, elsewhere)).unwrap();
        assert!(!task.contains("evil") && task.contains("SNS console"), "{task}");
    }
}
