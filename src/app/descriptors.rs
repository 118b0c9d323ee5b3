//! How many files the process may open, and what follows for connections.
//!
//! Never lets clients take the descriptors that the database, Redis and mail are reached by.

use crate::config::Config;

/// For the database's own files, Redis, mail, logs and what else a process opens.
const RESERVE: usize = 64;
/// With fewer there would be no service.
const CONNECTIONS_MIN: usize = 16;

/// The settings, with no more connections than the process may open files for.
pub(super) fn fit(mut config: Config) -> Config {
    if let Some(most) = std::fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files_max)
    {
        fit_below(&mut config, most);
    }
    let connections_max = config.request_limits.connections_max;
    if config.http.trust_forwarded_for {
        // All that come are the proxy's.
        config.request_limits.connections_per_network_max.get_or_insert(connections_max);
    }
    let sockets_max = &mut config.socket_limits.sockets_max;
    // Whoever has no socket yet gets in as well.
    *sockets_max = (*sockets_max).min(connections_max / 5 * 4);
    config
}

fn fit_below(config: &mut Config, open_files_max: usize) {
    let database = usize::try_from(config.database.database_connections_max).unwrap_or(usize::MAX);
    let fitting = open_files_max.saturating_sub(RESERVE.saturating_add(database)).max(CONNECTIONS_MIN);
    let connections_max = &mut config.request_limits.connections_max;
    if *connections_max > fitting {
        tracing::info!(
            open_files_max,
            connections_max = fitting,
            "fewer connections than ROLLCALL_CONNECTIONS_MAX are taken: the process may not open so many files; raise its \
             limit (ulimit -n, LimitNOFILE=)"
        );
        *connections_max = fitting;
    }
}

/// The soft limit, as Linux tells it; none where it tells nothing, or there is no limit.
fn open_files_max(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_read_as_linux_writes_it() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             127432               127432               processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(open_files_max(limits), Some(1024));
        assert_eq!(open_files_max(&limits.replace("1024  ", "unlimited")), None);
        assert_eq!(open_files_max(""), None);
    }

    #[test]
    fn clients_leave_descriptors_for_everything_else() {
        let mut config = Config::default();
        fit_below(&mut config, 1024);
        assert_eq!(config.request_limits.connections_max, 1024 - 64 - 16);
        fit_below(&mut config, 10);
        assert_eq!(config.request_limits.connections_max, 16);
    }

    #[test]
    fn sockets_leave_connections_for_requests_and_a_trusted_proxy_has_all_of_them() {
        let mut config = Config::default();
        config.request_limits.connections_max = 1000;
        assert_eq!(fit(config.clone()).request_limits.connections_per_network_max, None);
        config.http.trust_forwarded_for = true;
        let fitted = fit(config);
        assert_eq!(
            fitted.request_limits.connections_per_network_max,
            Some(fitted.request_limits.connections_max)
        );
        assert!(fitted.socket_limits.sockets_max <= 800);
    }
}
