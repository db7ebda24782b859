extension Setting {
    /// What people look at.
    static let dashboard: [Setting] = [
        .text(
            "DASHBOARD_DIR",
            \.dashboard.folder,
            unit: "folder",
            "The dashboard's files: see `dashboard.md`. Where the standard one is missing, there is no dashboard."
        ),
        .text(
            "CHART_JS",
            \.dashboard.charts,
            unit: "file",
            "Chart.js 3 as one file; Debian's is `libjs-chart.js`. Without it the dashboard shows tables in place of charts."
        ),
        .choice(
            "PROXY_HEADERS",
            \.dashboard.proxyHeaders,
            "Whether `X-Forwarded-For` and `X-Forwarded-Proto` are believed: only behind a proxy that sets them."
        ),
    ]
}
