import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { minify } from 'terser'
import { VitePWA } from 'vite-plugin-pwa'

const build = process.env.DOORSTEP_BUILD ?? new Date().toISOString().replace(/\D/g, '').slice(0, 14)
/**
 * The desk's screens and what only uploads and asks: no use without a network, so not kept for offline on every liaison's phone. The
 * service worker keeps what was opened once.
 */
const ONLINE = /^(tusUpload|client|DemoSheet|DeskScreen|DispatchScreen|IntakeScreen|ReviewScreen|ConsultScreen|DirectScreen|CallbackScreen|RaiseScreen|CopyScreen|ImportScreen|ImportFileScreen|WatchScreen|StationDesk|station|SignoffScreen|TurnScreen|TurnGroup|PeopleScreen|keepDirectory|spot|joint|turn|judge|reading|desk|lists|office|figures|directory|access|ways|proof|LadderSheet|CallRow|roster|InspectScreen|InspectionsGroup|inspect|inspects|ring)(\.css)?$/
const server = process.env.DOORSTEP_SERVER ?? 'http://127.0.0.1:8000'

/** The engine is not needed for the first paint, but a list that must come from the network waits for it: fetch it alongside. */
const fetchEngineEarly: Plugin = {
  name: 'engine-early',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle }) => {
      const engine = Object.values(bundle ?? {}).find((file) => file.type === 'chunk' && file.name === 'engine')
      const needed = engine?.type === 'chunk' ? [engine.fileName, ...engine.imports] : []
      return needed.filter((file) => !html.includes(file))
        .map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', href: `/${file}`, fetchpriority: 'low', crossorigin: true }, injectTo: 'head' as const }))
    },
  },
}

/** Once more over what the built-in minifier left: a fiftieth less at every first load. As the only minifier terser leaves more. */
const smaller: Plugin = {
  name: 'smaller',
  apply: 'build',
  async generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = (await minify(file.code, { module: true, ecma: 2020, compress: { passes: 2 } })).code ?? file.code
    }
  },
}

export default defineConfig({
  plugins: [
    vue(),
    fetchEngineEarly,
    smaller,
    // Which build a page came from, readable by the server and by pages without a service worker.
    { name: 'build-id', generateBundle() { this.emitFile({ type: 'asset', fileName: 'build.txt', source: build }) } },
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        globPatterns: ['index.html', 'assets/**/*.{js,css}', 'icon.svg'],
        globIgnores: ['**/upload.worker-*.js', '**/online-*'],
      },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __BUILD__: JSON.stringify(build),
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  build: {
    target: ['es2020', 'chrome87', 'safari14'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Names are listed in the entry so that styles load with their screens; bare hashes keep that list short.
        chunkFileNames: (chunk) => `assets/${ONLINE.test(chunk.name) ? 'online-' : ''}[hash:7].js`,
        assetFileNames: (asset) => `assets/${ONLINE.test(asset.names[0] ?? '') ? 'online-' : ''}[hash:6][extname]`,
        codeSplitting: {
          groups: [
            // What the first screen needs of Vue; never changes between our releases, so phones keep it.
            { name: 'vue', priority: 9, test: /node_modules\/(@vue|vue|vue-router)\// },
            // The list, its data and its words.
            { name: 'base', priority: 8, test: /rolldown.runtime|preload-helper|src\/(core\/(text|command|countdown|lifecycle|overlayRow|serverClock)\.|locales\/zh-CN\.json|platform\/(disk|clock|ticker|person|network|busy|update|preferences|wide)\.|sync\/(board|counts|early|rows|wake)\.|ui\/(AppBar|Btn|EmptyState|Icon|icons|Segments|TabBar|Countdown)\.|(App|faults|main|router)\.|styles\/(tokens|base)\.|tickets\/(TicketList|TicketRow|listState|rowWords)\.)/ },
            // Everything that talks to the network, loaded once right after the first paint.
            { name: 'engine', priority: 7, test: /node_modules\/idb\/|src\/(AppBanner\.|screens\.|ui\/BannerSlot\.|sync\/(?!tusUpload|upload\.worker)|tickets\/(PullDown|pullToRefresh|rowMarks)\.|ui\/moreIcons|platform\/(warm|db|session|api|transport|problem|updateWatch|crypto|storage)\.|core\/(outcome|overlay|allowed)\.|locales\/zh-CN\.(outcome|marks))/ },
            // What only those see who judge a reply, and the desk's further screens: one file each, since every name stands in the entry.
            { name: 'judge', priority: 6.6, includeDependenciesRecursively: false, test: /src\/oversight\/(SideBySide|ReasonsSheet|warnings|useSeen)\./ },
            // The reply as it is judged, and what changed in it: the station's screen stands before this is here.
            { name: 'reading', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(oversight\/ReplyReview|replies\/diff)\.|node_modules\/diff\// },
            { name: 'desk', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(oversight\/(Consult|Direct|Raise|Callback)Screen|intake\/(Copy|Import|ImportFile)Screen|intake\/(MappingForm|RowsPreview))\.vue|src\/locales\/(zh-CN\.)?intake\./ },
            // Units and people to look after, rates, the written rules, platforms: the network is needed anyway.
            { name: 'office', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(people\/((Unit|Station|Account|Enrol|Training)Sheet|(Deputies|Training|Accounts)Screen|RoleFields|SecretOnce|roles)|rulebook\/(RulesEdit|Calendar)Screen|rulebook\/(EffectList|CorrectSheet|PublishYear|RunList|YearDays|days|text)|intake\/platform\/)/ },
            // 值班表: asks the server; whoever is on it gets it while idle (warm.ts).
            { name: 'roster', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(people\/roster\/|locales\/(zh-CN\.)?roster)/ },
            // Channels: set up by administrators, bound by each person; both ask the server.
            { name: 'ways', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(channels\/|locales\/(zh-CN\.)?channels)/ },
            { name: 'access', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(account\/(DeviceSheet|PasswordSheet|FirstPassword)\.vue|locales\/(access|zh-CN\.access))/ },
            { name: 'figures', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(reports\/|rulebook\/(RulesScreen|RuleSections|ReplanGroup)|locales\/(office|zh-CN\.office))/ },
            // One ticket's evidence to take along, and what was sealed day by day.
            { name: 'proof', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(bundles\/|locales\/(zh-CN\.)?proof\.)/ },
            // Plans, promises, units helping each other: not in every town, so fetched where the policy has them (warm.ts).
            { name: 'joint', priority: 6.4, includeDependenciesRecursively: false, test: /src\/(joint\/(AssistScreen|AskAssist)|fieldwork\/(PlanScreen|CommitmentSheet))\.vue/ },
            // Only supervisors go and look; they get it while idle (warm.ts).
            { name: 'spot', priority: 6.6, includeDependenciesRecursively: false, test: /src\/(oversight\/field\/|locales\/(zh-CN\.)?spot)/ },
            // Spot checks: the unit's side and the supervisors' share their words.
            { name: 'inspects', priority: 6.5, includeDependenciesRecursively: false, test: /src\/oversight\/inspections\/(FollowList|ResultsBoard|PlanForm)\./ },
            { name: 'inspect', priority: 6.5, includeDependenciesRecursively: false, test: /src\/(oversight\/inspections\/(api|figures|inject)|locales\/(inspect|zh-CN\.inspect))\./ },
            { name: 'turn', priority: 6.4, includeDependenciesRecursively: false, test: /src\/requests\/Turn(Screen|Group)\.vue/ },
            { name: 'asking', priority: 6.3, includeDependenciesRecursively: false, test: /src\/(locales\/(zh-CN\.)?matters|replies\/(MoreSaid|findingText)|requests\/(RequestHistory|RequestFacts|MaterialPicker|TurnNote|askable|options|turn))\./ },
            // What is opened at the door, one after the other: a file each would be crumbs that say the same imports.
            { name: 'onsite', priority: 6.2, includeDependenciesRecursively: false, test: /src\/(evidence\/(CaptureScreen|CaptureChips|captureMachine|useCamera|useLocation|useRetake|RecordScreen|RecordingDraft|recorderMachine|useRecorder)|fieldwork\/(FieldScreen|VisitForm|ExceptionForm))\./ },
            // Parts that the screens are made of, and what at least three of them share: a few files compress and arrive better
            // than forty crumbs.
            // Shared by two screens of a liaison's: one file instead of four crumbs, whose names would all stand in the entry.
            { name: 'shared', priority: 6.2, includeDependenciesRecursively: false, test: /src\/(replies\/(signer|ChainGroup|ReplyCard|ReplyHistory)|joint\/AssistList|tickets\/detail\/SentBack)\./, minShareCount: 2 },
            { name: 'kit', priority: 6, test: /src\/(ui\/|joint\/assists|locales\/(screens|zh-CN\.screens)|joint\/|(evidence|fieldwork|tickets|replies|requests|reminders)\/|people\/(rights|directory|PhoneSheet))/, minShareCount: 3 },
            // What the desk's screens share: no use on a phone that never opens them. Only they: a group usually takes along what its modules need,
            // and what offline screens need too must not end up in a file that is not on the phone (size.mjs looks).
            { name: 'lists', priority: 5.5, includeDependenciesRecursively: false, test: /src\/oversight\/(BoardList|queue|UnitsPicker|AssignmentsGroup|ConsultationsGroup|CentreSteps|CentreSignSheet|centre|options|useDispatch|watch\/)/, minShareCount: 2 },
            { name: 'station', priority: 5, includeDependenciesRecursively: false, test: /src\/(locales\/(station|zh-CN\.station)|intake\/api|oversight\/(station\.css|PickRow|useOnline|useSend|useDispatch|options|centre|raising|requestStage|queue|findings|OnlineState|UnitsPicker|AssignmentsGroup|ConsultationsGroup|CallbacksGroup|RequestStages|WaitingGroup|BoardList|watch\/))/, minShareCount: 2 },
          ],
        },
      },
    },
    assetsInlineLimit: 0,
    manifest: 'assets-manifest.json',
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(['/api', '/files', '/healthz'].map((path) => [path, server])) },
})
