import API
import Limits
import Telemetry

extension DashboardFiles {
    /// The files that the configuration names; `nil` where there are none in the standard place.
    ///
    /// - Throws: ``CommandFailure`` for a folder that somebody has named and that is not the dashboard's.
    static func read(_ configuration: Configuration, log: Log) throws(CommandFailure) -> DashboardFiles? {
        let settings = configuration.dashboard
        do throws(Fault) {
            let files = try DashboardFiles(
                folder: settings.folder,
                charts: settings.charts,
                limits: configuration.limits.dashboard
            )
            if !files.hasCharts {
                log.warning("dashboard: without charts, since CHART_JS is not there", ["file": .init(settings.charts)])
            }
            return files
        } catch {
            guard settings.folder == Configuration.Dashboard().folder else {
                throw CommandFailure("DASHBOARD_DIR: \(error)", exitCode: .configuration)
            }
            log.info("dashboard: not served; DASHBOARD_DIR names its folder", ["reason": .init(error.description)])
            return nil
        }
    }
}
