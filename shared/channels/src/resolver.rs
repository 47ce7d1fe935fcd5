//! The connector that webhooks go out by: it connects to the addresses that were checked, and to no others.

use std::{net::ToSocketAddrs, time::Duration};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    dns::{DnsFuture, ResolveDns, ResolveDnsError},
    http::{HttpConnectorSettings, SharedHttpConnector},
};

use crate::{WEBHOOK_TIMEOUT_SECONDS, WebhookPolicy, private_address::refuse};

/// A connector with the system's certificates, without proxy and without redirects. The timeout counts from the lookup
/// of the name to the head of the answer.
pub(crate) fn connector(policy: WebhookPolicy) -> SharedHttpConnector {
    let timeout = Duration::from_secs(u64::from(WEBHOOK_TIMEOUT_SECONDS));
    let connector = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(timeout).read_timeout(timeout).build())
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_with_resolver(CheckedResolver { policy });
    SharedHttpConnector::new(connector)
}

/// Resolves names as the system does and refuses those that lead anywhere private. What it returns is what is connected
/// to, so a name can not change its mind between the check and the connection.
#[derive(Debug, Clone)]
struct CheckedResolver {
    policy: WebhookPolicy,
}

impl ResolveDns for CheckedResolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let (name, policy) = (name.to_owned(), self.policy);
        DnsFuture::new(async move {
            // The system's lookup blocks, and there is no other that reads its configuration.
            let lookup = tokio::task::spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await;
            let found = lookup.map_err(ResolveDnsError::new)?.map_err(ResolveDnsError::new)?;
            let addresses: Vec<_> = found.map(|address| address.ip()).collect();
            if !policy.allow_private_addresses {
                // One private address among public ones is a mistake or an attack; either way nothing is sent.
                addresses.iter().try_for_each(|address| refuse(*address)).map_err(ResolveDnsError::new)?;
            }
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::dns::ResolveDns;

    use super::CheckedResolver;
    use crate::WebhookPolicy;

    /// The odd ones are how a system's lookup reads numbers: each is 127.0.0.1.
    const LOOPBACK: [&str; 5] = ["localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1"];

    #[tokio::test]
    async fn names_of_private_addresses_are_refused_unless_allowed() {
        for name in LOOPBACK {
            let refused = CheckedResolver { policy: WebhookPolicy::default() }.resolve_dns(name).await;
            assert!(refused.is_err(), "{name}: {refused:?}");
            let found = CheckedResolver { policy: WebhookPolicy { allow_private_addresses: true } }.resolve_dns(name).await.unwrap();
            assert!(!found.is_empty() && found.iter().all(std::net::IpAddr::is_loopback), "{name}: {found:?}");
        }
    }
}
