//! What a mail would come to, without taking it in.

use hansho_domain::Integration;
use hansho_intake::Signal;
use jiff::Timestamp;

use crate::{Envelope, Mail, of_integration, robot, signal::Arrival};

/// Reads a mail as the function does that came to the address of `integration` at `now`.
pub fn preview(envelope: &Envelope, mail: &Mail, integration: &Integration, now: Timestamp) -> Signal {
    let service = integration.service_or_catch_all();
    let arrival = Arrival { envelope, mail, integration: &integration.spec().id, service: &service, object: None, now };
    match robot::reason(mail, envelope.sender.path(), None) {
        Some(reason) => arrival.suppression(&reason),
        None => of_integration(&arrival, Some(integration), None),
    }
}
