import { defineAgent } from 'troupe'

/** Deploys what it is told to, and can do nothing else. */
export const shipper = defineAgent({
  name: 'shipper',
  description: 'Deploys one service to staging.',
  instructions: 'You deploy the service that the user names. One call of `deploy`, then end.',
  tools: ['deploy'],
  boundary: { writePatterns: [], commandPatterns: [] },
  maxTurns: 10,
})
