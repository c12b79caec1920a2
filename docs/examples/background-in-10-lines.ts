import { createRuntime } from 'troupe'

const notify = ({ title, status }: { title: string; status: string }) => console.log(`${title} ${status}`)
const runtime = await createRuntime({ concurrency: { background: 2 }, human: { notify } })
const surveys = ['Survey the code', 'Survey the tests', 'Survey the documents'].map((message) => {
  return { agent: 'explorer', message, background: true }
})
const tasks = await runtime.startAll(surveys)
console.log(runtime.slots())
for (const task of tasks) console.log((await task.result()).result)
await runtime.close()
